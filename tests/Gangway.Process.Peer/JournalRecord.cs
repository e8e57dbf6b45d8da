// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Process.Peer;

/// <summary>
/// Content that shows what it is: lane, number, and bytes and a length that follow from both. A record that was cut, mixed
/// with another or read too early is not whole.
/// </summary>
public static class JournalRecord
{
    private const int HeaderBytes = 12;

    /// <summary>Writes the record of a lane and number; returns its length.</summary>
    /// <param name="place">At least <see cref="Endpoint.PayloadBytesMax"/> bytes.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="number">The number.</param>
    public static int Write(Span<byte> place, int lane, long number) =>
        Write(place, lane, number, Endpoint.PayloadBytesMax);

    /// <summary>Writes the reply to a record; returns its length.</summary>
    /// <param name="place">At least <see cref="Transaction.ReplyBytesMax"/> bytes.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="number">The number.</param>
    public static int WriteReply(Span<byte> place, int lane, long number) =>
        Write(place, lane, ~number, Transaction.ReplyBytesMax);

    /// <summary>Reads a record; false when it is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out int lane, out long number)
    {
        lane = 0;
        number = 0;
        if (record.Length < HeaderBytes)
        {
            return false;
        }

        int named = BinaryPrimitives.ReadInt32LittleEndian(record[8..]);
        long counted = BinaryPrimitives.ReadInt64LittleEndian(record);
        Span<byte> expected = stackalloc byte[Endpoint.PayloadBytesMax];
        if ((uint)named >= Journal.LaneCount || !record.SequenceEqual(expected[..Write(expected, named, counted)]))
        {
            return false;
        }

        lane = named;
        number = counted;
        return true;
    }

    /// <summary>Whether these bytes are the whole reply to a record.</summary>
    public static bool IsReply(ReadOnlySpan<byte> reply, int lane, long number)
    {
        Span<byte> expected = stackalloc byte[Transaction.ReplyBytesMax];
        return reply.SequenceEqual(expected[..WriteReply(expected, lane, number)]);
    }

    private static int Write(Span<byte> place, int lane, long number, int bytesMax)
    {
        // Mostly one line, now and then all lengths up to the largest.
        ulong mixed = (ulong)number * 0x9E3779B97F4A7C15;
        int range = mixed >> 62 == 0 ? bytesMax - HeaderBytes + 1 : 32;
        int length = HeaderBytes + (int)((mixed >> 32) % (ulong)range);
        BinaryPrimitives.WriteInt64LittleEndian(place, number);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], lane);
        for (int i = HeaderBytes; i < length; i++)
        {
            place[i] = (byte)((number * 131) + (lane * 31) + i);
        }

        return length;
    }
}
