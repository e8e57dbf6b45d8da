// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;

namespace Gangway.Samples.Exchange;

/// <summary>
/// A client that places and cancels orders and reads what it is told. Its loop runs on its endpoint's strand, as its
/// handlers do: they take turns, and nothing here needs a lock.
/// </summary>
internal class Trader(int seed, Report report) : EndpointHandler
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const int ThinkMillisecondsMax = 400;

    private readonly byte[] _request = new byte[OrderRequest.WireBytes];
    private readonly byte[] _reply = new byte[Settlement.WireBytes];
    private readonly HashSet<long> _open = []; // to the best of our knowledge
    private int _price = (OrderBook.PriceMin + OrderBook.PriceMax) / 2;
    private long _taken, _refused, _unknown, _cancelled, _cancelsUnknown, _fills, _filled, _quantity;

    protected Random Random { get; } = new(seed);

    protected Report Report { get; } = report;

    public override void OnMessage(Endpoint endpoint, Message message) => Read(message);

    /// <summary>Trades until it is told to stop, or the connection ends.</summary>
    internal virtual async Task RunAsync(Endpoint endpoint, CancellationToken stop)
    {
        endpoint.TrySend(Operations.Subscribe, []);
        while (!stop.IsCancellationRequested && endpoint.State == EndpointState.Connected)
        {
            await Task.Delay(Random.Next(ThinkMillisecondsMax), CancellationToken.None);
            if (_open.Count > 3 && Random.Next(3) == 0)
                await CancelAsync(endpoint, _open.First());
            else
                await PlaceAsync(endpoint);
        }
    }

    /// <summary>Compares what the exchange says with what it was told. Null: they agree.</summary>
    internal virtual async Task<string?> SettleAsync(Endpoint endpoint)
    {
        CallResult result = await endpoint.CallAsync(Operations.Settle, [], _reply, Deadline.After(20 * Patience));
        if (!result.IsOk)
            return $"settling ended with {result.Status}, the connection with {endpoint.DisconnectReason}";

        // Messages and replies overtake each other: the last fills may still be on their way.
        Settlement said = Settlement.Read(_reply);
        for (long start = Stopwatch.GetTimestamp(); _fills < said.Fills && Stopwatch.GetElapsedTime(start) < 20 * Patience;)
            await Task.Delay(10);

        // A request without an answer in time may have been done, or not.
        bool agrees = said.Agrees
            && IsBetween(_taken, said.Placed - said.Refused, _taken + _unknown)
            && IsBetween(_refused, said.Refused, _refused + _unknown)
            && IsBetween(_cancelled, said.Cancelled, _cancelled + _cancelsUnknown)
            && said.Placed <= _taken + _refused + _unknown
            && (said.Fills, said.Filled, said.Quantity) == (_fills, _filled, _quantity);
        return agrees ? null
            : $"the exchange says {said}, {said.Fills} fills of {said.Quantity}; told were {_taken} taken, {_refused} refused, "
                + $"{_unknown}+{_cancelsUnknown} unknown, {_cancelled} cancelled, {_filled} filled, {_fills} fills of {_quantity}";
    }

    /// <summary>Takes in what the exchange tells.</summary>
    protected void Read(Message message)
    {
        switch (message.Operation)
        {
            case Operations.Tick:
                _price = BinaryPrimitives.ReadInt32LittleEndian(message.Payload);
                break;
            case Operations.Fill:
                Fill fill = Fill.Read(message.Payload);
                _fills++;
                _quantity += fill.Quantity;
                if (fill.Left == 0)
                {
                    _filled++;
                    _open.Remove(fill.Order);
                }

                break;
        }
    }

    protected async Task PlaceAsync(Endpoint endpoint)
    {
        // Most near the last price, a few outside the band.
        int price = _price + Random.Next(-12, 13) * (Random.Next(50) == 0 ? 40 : 1);
        new OrderRequest(Random.Next(2) == 0, price, Random.Next(1, 101)).Write(_request);
        long start = Stopwatch.GetTimestamp();
        CallResult result = await endpoint.CallAsync(Operations.Place, _request, _reply, Deadline.After(Patience));
        Report.Latencies.AddSince(start);
        switch (result.Status)
        {
            case Status.Ok:
                _taken++;
                _open.Add(BinaryPrimitives.ReadInt64LittleEndian(_reply));
                if (_open.Count > 2 * Account.OpenOrdersMax)
                    _open.Remove(_open.First()); // Its fill came before the reply: it is not open at all.
                break;
            case Status.Overloaded or Status.QuotaExceeded:
                break; // Not started; the next round is later.
            case Status.DeadlineExceeded:
                _unknown++;
                Report.CountUnknown();
                break;
            case >= Operations.Malformed:
                _refused++;
                Report.CountRefused();
                break;
        }
    }

    private async Task CancelAsync(Endpoint endpoint, long order)
    {
        _open.Remove(order);
        BinaryPrimitives.WriteInt64LittleEndian(_request, order);
        CallResult result = await endpoint.CallAsync(
            Operations.Cancel, _request.AsSpan(0, sizeof(long)), _reply, Deadline.After(Patience));
        if (result.Status == Status.Ok)
            _cancelled++;
        else if (result.Status == Status.DeadlineExceeded)
            _cancelsUnknown++;
    }

    private static bool IsBetween(long least, long value, long most) => least <= value && value <= most;
}
