// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The server's answer, which carries the segments: section 2.2 of docs/PROTOCOL.md.</summary>
internal static class Welcome
{
    internal const int Bytes = 96;
    private const int PairOffset = 24;
    private const int GeometryOffset = 48;

    /// <summary>Writes the packet.</summary>
    internal static byte[] Write(ConnectionId id, SegmentShape shape = default)
    {
        byte[] packet = new byte[Bytes];
        HandshakePacket.WriteHeader(packet, PacketType.Welcome);
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), HandshakePacket.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(16), (ushort)SegmentLayout.Version);
        id.Pair.TryWriteBytes(packet.AsSpan(PairOffset));
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(40), id.Epoch);
        Span<uint> geometry = stackalloc uint[SegmentShape.GeometryWords];
        shape.CopyTo(geometry);
        for (int i = 0; i < geometry.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(GeometryOffset + i * sizeof(uint)), geometry[i]);
        return packet;
    }

    /// <summary>The pair that the server gives, or knows.</summary>
    /// <param name="packet">TRUST: checked before. Any 16 bytes name a pair, and are only ever said back.</param>
    internal static Guid PairOf(ReadOnlySpan<byte> packet) => new(packet.Slice(PairOffset, 16));

    /// <summary>Checks a server's packet.</summary>
    /// <returns>Null if it is good, else what is wrong.</returns>
    internal static string? Check(ReadOnlySpan<byte> packet, ulong epoch, SegmentShape shape = default)
    {
        // TRUST: `packet` is a private copy; every field is compared with what it must be, and none is used.
        if (!HandshakePacket.Is(packet, PacketType.Welcome, Bytes))
            return "it answered with something that is not Welcome";
        if (BinaryPrimitives.ReadUInt64LittleEndian(packet[8..]) != HandshakePacket.Magic)
            return "the magic of its Welcome is wrong";
        if (BinaryPrimitives.ReadUInt16LittleEndian(packet[16..]) != SegmentLayout.Version)
            return "it chose a version that was not offered";
        if (BinaryPrimitives.ReadUInt64LittleEndian(packet[40..]) != epoch)
            return "it answered another epoch";
        Span<uint> geometry = stackalloc uint[SegmentShape.GeometryWords];
        shape.CopyTo(geometry);
        for (int i = 0; i < geometry.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(packet[(GeometryOffset + i * sizeof(uint))..]) != geometry[i])
                return "its geometry is not that of version 1, with the lanes that were asked for";
        }

        return HandshakePacket.IsGoodTail(packet[Bytes..]) ? null : "the tail of its Welcome does not fit";
    }
}
