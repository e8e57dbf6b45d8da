// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Samples.Exchange;

/// <summary>What became of the orders of one client, or of all. Each order is in one of the last four.</summary>
internal readonly record struct Settlement(long Placed, long Filled, long Open, long Cancelled, long Refused)
{
    internal const int WireBytes = 7 * sizeof(long);

    /// <summary>Messages about fills that were sent, or wait to be.</summary>
    internal long Fills { get; init; }

    /// <summary>The sum of their quantities.</summary>
    internal long Quantity { get; init; }

    internal bool Agrees => Placed == Filled + Open + Cancelled + Refused;

    internal void Write(Span<byte> wire)
    {
        ReadOnlySpan<long> numbers = [Placed, Filled, Open, Cancelled, Refused, Fills, Quantity];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(wire[(8 * i)..], numbers[i]);
    }

    internal static Settlement Read(ReadOnlySpan<byte> wire)
    {
        Span<long> numbers = stackalloc long[7];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(wire[(8 * i)..]);
        return new Settlement(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) { Fills = numbers[5], Quantity = numbers[6] };
    }

    public override string ToString() =>
        $"{Placed:N0} placed = {Filled:N0} filled + {Open:N0} open + {Cancelled:N0} cancelled + {Refused:N0} refused";
}
