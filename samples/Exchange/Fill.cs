// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Samples.Exchange;

/// <summary>A part of an order, or all of it, was traded.</summary>
/// <param name="Order">The order's number.</param>
/// <param name="Quantity">What was traded now.</param>
/// <param name="Left">What is still open; 0: the order is filled.</param>
internal readonly record struct Fill(long Order, int Quantity, int Left)
{
    internal const int WireBytes = 16;

    internal void Write(Span<byte> wire)
    {
        BinaryPrimitives.WriteInt64LittleEndian(wire, Order);
        BinaryPrimitives.WriteInt32LittleEndian(wire[8..], Quantity);
        BinaryPrimitives.WriteInt32LittleEndian(wire[12..], Left);
    }

    internal static Fill Read(ReadOnlySpan<byte> wire) => new(
        BinaryPrimitives.ReadInt64LittleEndian(wire),
        BinaryPrimitives.ReadInt32LittleEndian(wire[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(wire[12..]));
}
