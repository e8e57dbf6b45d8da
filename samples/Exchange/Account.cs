// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>What the exchange knows of one client, and what it still has to tell it.</summary>
internal sealed class Account(Endpoint endpoint)
{
    internal const int OpenOrdersMax = 16;
    internal const int UntoldMax = 64;

    private readonly Queue<Fill> _untold = new();
    private bool _isBlocked;
    private int? _untoldPrice;

    /// <summary>Its orders that wait in the book.</summary>
    internal Dictionary<long, Order> Open { get; } = [];

    internal bool IsSubscribed { get; set; }

    internal long Placed { get; set; }

    internal long Filled { get; set; }

    internal long Cancelled { get; set; }

    internal long Refused { get; set; }

    internal long Fills { get; private set; }

    internal long Quantity { get; private set; }

    /// <summary>Fills are kept for a client that reads late: this bounds how many.</summary>
    internal bool ReadsTooLate => _untold.Count >= UntoldMax;

    internal Settlement Settlement =>
        new(Placed, Filled, Open.Count, Cancelled, Refused) { Fills = Fills, Quantity = Quantity };

    /// <summary>Tells it of a trade: now, or when it has room again.</summary>
    internal void Tell(Fill fill)
    {
        Fills++;
        Quantity += fill.Quantity;
        _untold.Enqueue(fill);
        TellMore();
    }

    /// <summary>Tells it the price. One that it had no room for is replaced by the next.</summary>
    internal void Tell(int price)
    {
        _untoldPrice = price;
        TellMore();
    }

    /// <summary>It has room again.</summary>
    internal void OnSendPossible()
    {
        _isBlocked = false;
        TellMore();
    }

    // After a refusal nothing is tried until OnSendPossible, which comes exactly once for it.
    private void TellMore()
    {
        Span<byte> wire = stackalloc byte[Fill.WireBytes];
        while (!_isBlocked && _untold.TryPeek(out Fill fill))
        {
            fill.Write(wire);
            if (TrySend(Operations.Fill, wire))
                _untold.Dequeue();
        }

        if (!_isBlocked && _untoldPrice is { } price)
        {
            BitConverter.TryWriteBytes(wire, price);
            if (TrySend(Operations.Tick, wire[..sizeof(int)]))
                _untoldPrice = null;
        }
    }

    private bool TrySend(uint operation, ReadOnlySpan<byte> payload)
    {
        _isBlocked = endpoint.TrySend(operation, payload) != Status.Ok; // or it is gone, and OnDisconnect comes
        return !_isBlocked;
    }
}
