// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Samples.Exchange;

/// <summary>An order, as a client sends it.</summary>
internal readonly record struct OrderRequest(bool IsBuy, int Price, int Quantity)
{
    internal const int WireBytes = 9;
    internal const int QuantityMax = 1000;

    internal void Write(Span<byte> wire)
    {
        wire[0] = IsBuy ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(wire[1..], Price);
        BinaryPrimitives.WriteInt32LittleEndian(wire[5..], Quantity);
    }

    /// <summary>Reads what a client sent. It may be anything.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> wire, out OrderRequest order)
    {
        order = default;
        if (wire.Length != WireBytes || wire[0] > 1)
            return false;
        order = new OrderRequest(
            wire[0] == 1, BinaryPrimitives.ReadInt32LittleEndian(wire[1..]), BinaryPrimitives.ReadInt32LittleEndian(wire[5..]));
        return order.Quantity is > 0 and <= QuantityMax;
    }
}
