// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The client's first packet: section 2.1 of docs/PROTOCOL.md.</summary>
internal static class Hello
{
    internal const int Bytes = 112;
    private const int PairOffset = 48;

    /// <summary>How far behind the server's clock a client's may be: the time that a handshake may take.</summary>
    internal const long ClockSkewNsMax = 5_000_000_000;

    /// <summary>Writes the packet.</summary>
    /// <param name="asked">The attempt, and the pair, if there was a connection before.</param>
    /// <param name="shape">Which lanes it asks for.</param>
    internal static byte[] Write(ConnectionId asked, SegmentShape shape = default)
    {
        byte[] packet = new byte[Bytes];
        HandshakePacket.WriteHeader(packet, PacketType.Hello);
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), HandshakePacket.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(16), (ushort)SegmentLayout.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(18), (ushort)SegmentLayout.Version);
        HandshakePacket.BootId.CopyTo(packet.AsSpan(24));
        BinaryPrimitives.WriteInt64LittleEndian(packet.AsSpan(40), Deadline.Now);
        asked.Pair.TryWriteBytes(packet.AsSpan(PairOffset));
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(64), asked.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(76), (uint)(shape.ToServer?.Lanes ?? 0));
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(80), (uint)(shape.ToClient?.Lanes ?? 0));
        return packet;
    }

    /// <summary>Checks a client's packet.</summary>
    /// <param name="packet">TRUST: a private copy; every field is checked before it is used.</param>
    /// <param name="asked">The attempt, and the pair that it says it is of: anybody can say so.</param>
    /// <param name="shape">What the segments must look like, so that they have the lanes that it asks for.</param>
    /// <param name="reason">What is wrong, for a person.</param>
    internal static RejectCode Check(ReadOnlySpan<byte> packet, out ConnectionId asked, out SegmentShape shape, out string reason)
    {
        asked = default;
        shape = default;
        if (!HandshakePacket.Is(packet, PacketType.Hello, Bytes))
            return Refuse(RejectCode.Malformed, "expected Hello", out reason);
        if (BinaryPrimitives.ReadUInt64LittleEndian(packet[8..]) != HandshakePacket.Magic)
            return Refuse(RejectCode.Malformed, "the magic of Hello is wrong", out reason);

        uint from = BinaryPrimitives.ReadUInt16LittleEndian(packet[16..]);
        uint to = BinaryPrimitives.ReadUInt16LittleEndian(packet[18..]);
        if (SegmentLayout.Version < from || SegmentLayout.Version > to)
        {
            return Refuse(RejectCode.Version,
                $"the client speaks versions {from} to {to}, the server {SegmentLayout.Version}", out reason);
        }

        if (!packet.Slice(24, 16).SequenceEqual(HandshakePacket.BootId))
            return Refuse(RejectCode.OtherMachine, "the boot ids differ: not the same kernel", out reason);
        long behind = Deadline.Now - BinaryPrimitives.ReadInt64LittleEndian(packet[40..]);
        if (behind is < 0 or > ClockSkewNsMax)
            return Refuse(RejectCode.OtherMachine, "the monotonic clocks differ", out reason);

        asked = new ConnectionId(
            new Guid(packet.Slice(PairOffset, 16)), BinaryPrimitives.ReadUInt64LittleEndian(packet[64..]));
        if (asked.Epoch == 0)
            return Refuse(RejectCode.Malformed, "the epoch of Hello is zero", out reason);
        uint toServer = BinaryPrimitives.ReadUInt32LittleEndian(packet[76..]);
        uint toClient = BinaryPrimitives.ReadUInt32LittleEndian(packet[80..]);
        if (!SegmentShape.TryMake(toServer, toClient, out shape))
        {
            return Refuse(RejectCode.Limits,
                $"the client asks for {Math.Max(toServer, toClient)} lanes, and there are at most {LaneGeometry.LanesMax}", out reason);
        }

        uint bytesMax = BinaryPrimitives.ReadUInt32LittleEndian(packet[72..]);
        if (bytesMax != 0 && bytesMax < shape.Bytes)
        {
            return Refuse(RejectCode.Limits,
                $"the client maps at most {bytesMax} bytes, a segment has {shape.Bytes}", out reason);
        }

        if (!HandshakePacket.IsGoodTail(packet[Bytes..]))
            return Refuse(RejectCode.Malformed, "the tail of Hello does not fit", out reason);

        reason = "";
        return RejectCode.None;
    }

    private static RejectCode Refuse(RejectCode code, string why, out string reason)
    {
        reason = why;
        return code;
    }
}
