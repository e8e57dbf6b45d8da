// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Text;

namespace Gangway.Transports;

/// <summary>What all packets of the handshake have in common: type, length, and sometimes the magic.</summary>
internal static class HandshakePacket
{
    internal const int BytesMax = 4096;
    internal const int HeaderBytes = 8;
    internal const int RejectBytes = 16;
    internal const int ReasonBytesMax = 512;

    /// <summary>The bytes <c>GANGWAY</c> and a zero, as a little-endian word.</summary>
    internal const ulong Magic = 0x0059_4157_474E_4147;

    /// <summary>The boot id of this machine; all zero where the kernel does not tell.</summary>
    internal static byte[] BootId { get; } = ReadBootId();

    /// <summary>Checks type and length.</summary>
    internal static bool Is(ReadOnlySpan<byte> packet, PacketType type, int bytesMin) =>
        packet.Length >= Math.Max(bytesMin, HeaderBytes)
        && BinaryPrimitives.ReadUInt32LittleEndian(packet) == (uint)type
        && BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]) == (uint)packet.Length;

    /// <summary>Whether a packet says its type and nothing else.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> packet, PacketType type) =>
        packet.Length == HeaderBytes && Is(packet, type, HeaderBytes);

    /// <summary>Writes type and length.</summary>
    internal static void WriteHeader(Span<byte> packet, PacketType type)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(packet, (uint)type);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], (uint)packet.Length);
    }

    /// <summary>A packet that says nothing but its type.</summary>
    internal static byte[] Plain(PacketType type)
    {
        byte[] packet = new byte[HeaderBytes];
        WriteHeader(packet, type);
        return packet;
    }

    /// <summary>A refusal.</summary>
    internal static byte[] Reject(RejectCode code, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(reason);
        byte[] packet = new byte[RejectBytes + Math.Min(text.Length, ReasonBytesMax)];
        WriteHeader(packet, PacketType.Reject);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), (uint)code);
        text.AsSpan(0, packet.Length - RejectBytes).CopyTo(packet.AsSpan(RejectBytes));
        return packet;
    }

    /// <summary>Takes a refusal apart; the text is the peer's, so it loses its control characters.</summary>
    internal static bool TryReadReject(ReadOnlySpan<byte> packet, out RejectCode code, out string reason)
    {
        code = RejectCode.None;
        reason = "";
        if (!Is(packet, PacketType.Reject, RejectBytes))
            return false;

        // TRUST: a private copy. The code is compared with what we know, the text is cut and cleaned.
        code = (RejectCode)BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]);
        ReadOnlySpan<byte> text = packet[RejectBytes..Math.Min(packet.Length, RejectBytes + ReasonBytesMax)];
        reason = string.Concat(Encoding.UTF8.GetString(text).Where(c => !char.IsControl(c)));
        return true;
    }

    /// <summary>Checks that a tail consists of whole records.</summary>
    internal static bool IsGoodTail(ReadOnlySpan<byte> tail)
    {
        while (tail.Length != 0)
        {
            if (tail.Length < 4)
                return false;
            int bytes = BinaryPrimitives.ReadUInt16LittleEndian(tail[2..]);
            if (bytes > tail.Length - 4)
                return false;
            tail = tail[(4 + bytes)..];
        }

        return true;
    }

    private static byte[] ReadBootId()
    {
        byte[] id = new byte[16];
        return Platform.BootId.TryRead(id) ? id : new byte[16];
    }
}
