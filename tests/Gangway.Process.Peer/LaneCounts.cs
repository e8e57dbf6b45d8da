// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Process.Peer;

/// <summary>What came by the lanes of one connection, by bit. One thread counts, any looks.</summary>
public sealed class LaneCounts
{
    /// <summary>How many bits a sender may signal: the lowest.</summary>
    public const int Permitted = 16;

    private readonly long[] _counts = new long[Permitted];

    /// <summary>Counts what a packet says.</summary>
    internal void Count(uint signals)
    {
        for (int bit = 0; bit < Permitted; bit++)
        {
            if ((signals >> bit & 1) != 0)
                Volatile.Write(ref _counts[bit], _counts[bit] + 1);
        }
    }

    /// <summary>Writes the counts as the answer to <see cref="PeerOperation.Signals"/>.</summary>
    internal ReadOnlySpan<byte> Write(Span<byte> reply)
    {
        for (int bit = 0; bit < Permitted; bit++)
            BinaryPrimitives.WriteInt64LittleEndian(reply[(8 * bit)..], Volatile.Read(ref _counts[bit]));
        return reply[..(8 * Permitted)];
    }
}
