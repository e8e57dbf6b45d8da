// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.SharedMemory;

/// <summary>The caller's side of the reply lanes: finds the slots in which there are awaited replies, in O(ready).</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks>
/// <b>Threads:</b> one at a time: the reactor that the connection belongs to. <b>Trust:</b> what it finds is a hint. A bit
/// may come for a slot without a reply, and for one that nobody waits in.
/// </remarks>
internal sealed class ReplyLaneReader<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A bit is pending where the replier's word differs from what we took last. That is kept in private; the word that
    // acknowledges it only announces it, and is never read back. First acknowledge, fence, then look at the slots: a
    // replier that still finds the old acknowledgement, and so leaves its bit alone, published its reply before that look.
    // Proof: docs/memory-ordering/reply-lanes.md, verify/announce.pml.

    private readonly Segment _peer;
    private readonly Segment _own;
    private uint _low;
    private uint _high;

    /// <summary>Starts with nothing pending.</summary>
    /// <param name="peer">The segment that holds the replies.</param>
    /// <param name="own">The segment in which we say what we have taken.</param>
    internal ReplyLaneReader(Segment peer, Segment own)
    {
        _peer = peer;
        _own = own;
    }

    /// <summary>Whether a bit is pending: worth a <see cref="Take"/>.</summary>
    /// <param name="order">Which look this is: a poll, or the last one before sleep.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasSignals(Order order = Order.ReplyLaneSet) =>
        // TRUST: copies, compared with what we took. A peer that toggles for nothing costs itself our turns, as a bell does.
        (uint)TMemory.Read(in _peer.Word64(ReplyLanes.SetOffset(0)), order) != _low
        || (uint)TMemory.Read(in _peer.Word64(ReplyLanes.SetOffset(1)), order) != _high;

    /// <summary>Takes all pending bits. The slots they name are looked at afterwards.</summary>
    /// <returns>A bit for each slot in which there may be a reply: any value, if the peer lies.</returns>
    internal ulong Take()
    {
        ulong slots = TakeWord(0, ref _low) | (ulong)TakeWord(1, ref _high) << 32;

        // ORDER(ReplyLaneFence): full fence. What we acknowledge comes before our look at the slots.
        if (slots != 0)
            TMemory.Fence(Order.ReplyLaneFence);
        return slots;
    }

    private uint TakeWord(int word, ref uint taken)
    {
        // ORDER(ReplyLaneSet): acquire. The replies that a bit tells of were published before it.
        // TRUST: read once, any value is allowed; it goes back to the peer, and its bits are hints.
        ulong set = TMemory.Read(in _peer.Word64(ReplyLanes.SetOffset(word)), Order.ReplyLaneSet);
        uint pending = (uint)set ^ taken;
        if (pending == 0)
            return 0;
        taken = (uint)set;

        // ORDER(ReplyLaneAck): before our look at the slots, by the fence in Take.
        TMemory.Write(ref _own.Word64(ReplyLanes.AckOffset(word)), set, Order.ReplyLaneAck);
        return pending;
    }
}
