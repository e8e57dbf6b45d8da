// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gangway;

/// <summary>The 32 bytes that a packet carries.</summary>
[InlineArray(Bytes)]
public struct PacketPayload
{
    /// <summary>How many.</summary>
    public const int Bytes = 32;

    private byte _first;

    /// <summary>A payload of these bytes, and zeros behind them.</summary>
    /// <param name="bytes">At most <see cref="Bytes"/>.</param>
    /// <exception cref="ArgumentException">There are more.</exception>
    public static PacketPayload Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Bytes)
            throw new ArgumentException($"A packet carries {Bytes} bytes, and these are {bytes.Length}.", nameof(bytes));
        var payload = default(PacketPayload);
        bytes.CopyTo(payload);
        return payload;
    }

    /// <summary>A payload that begins with a number, little endian.</summary>
    public static PacketPayload Of(long value)
    {
        var payload = default(PacketPayload);
        BinaryPrimitives.WriteInt64LittleEndian(payload, value);
        return payload;
    }

    /// <summary>The number that the payload begins with, little endian.</summary>
    public readonly long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(this);
}
