// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Process.Peer;

/// <summary>What was counted for one connection. Used on its reactor only.</summary>
internal sealed class PeerConnection
{
    private ulong _messages;
    private ulong _bytes;
    private ulong _disorder;

    /// <summary>Requests that wait for <see cref="PeerOperation.Release"/>.</summary>
    public List<Transaction> Held { get; } = [];

    /// <summary>What came by its lanes; null while it has none.</summary>
    public LaneCounts? Lanes { get; set; }

    /// <summary>Counts a message, whose first 8 bytes are its number.</summary>
    public void Count(ReadOnlySpan<byte> payload)
    {
        ulong number = payload.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(payload) : ulong.MaxValue;
        _disorder += number == _messages ? 0u : 1u;
        _messages++;
        _bytes += (ulong)payload.Length;
    }

    /// <summary>Writes the counts as the answer to <see cref="PeerOperation.Totals"/>.</summary>
    public ReadOnlySpan<byte> WriteTotals(Span<byte> reply)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(reply, _messages);
        BinaryPrimitives.WriteUInt64LittleEndian(reply[8..], _bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(reply[16..], _disorder);
        return reply[..24];
    }
}
