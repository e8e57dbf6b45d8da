// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The replier's side of the reply lanes: tells the caller's reactor in which slots there are replies.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Never waits and never fails. A slot may be told of twice, never too seldom.</remarks>
internal sealed class ReplyLaneWriter<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // The caller cannot clear a bit of our memory, so a bit is pending where our word and the one in which the caller
    // says what it has taken differ. Whoever signals reads our word, then the caller's, and toggles its bit if it is
    // not pending. It counts in any case: else a thread that was preempted between its look and its swap could undo what
    // others did meanwhile. Proof: docs/memory-ordering/reply-lanes.md, verify/announce.pml.
    //
    // INVARIANT: a bit is toggled only by a swap that found it as the caller has acknowledged it.

    private readonly AnnouncedWord<TMemory> _low;
    private readonly AnnouncedWord<TMemory> _high;
    private readonly Segment _peer;

    /// <summary>Starts with nothing pending.</summary>
    /// <param name="own">The segment that holds the lanes: that of the replies.</param>
    /// <param name="peer">The segment in which the caller says what it has taken.</param>
    internal ReplyLaneWriter(Segment own, Segment peer)
    {
        _low = new AnnouncedWord<TMemory>(own, ReplyLanes.SetOffset(0));
        _high = new AnnouncedWord<TMemory>(own, ReplyLanes.SetOffset(1));
        _peer = peer;
    }

    /// <summary>
    /// Says that the reply in a slot is published. Comes behind <see cref="ReplyWriter{TMemory}.Publish(int, ulong, ushort)"/>, whose fence it
    /// needs, and is a full fence: the caller looks at the peer's sleep word right after, and rings a sleeper.
    /// </summary>
    internal void Signal(int slot)
    {
        if (ReplyLanes.WordOf(slot) == 0)
            Signal(_low, 0, ReplyLanes.BitOf(slot));
        else
            Signal(_high, 1, ReplyLanes.BitOf(slot));
    }

    /// <summary>The same for many slots at once: a line goes to the peer once for all of them.</summary>
    /// <param name="slots">A bit for each.</param>
    internal void Signal(ulong slots)
    {
        if ((uint)slots != 0)
            Signal(_low, 0, (uint)slots);
        if ((uint)(slots >> 32) != 0)
            Signal(_high, 1, (uint)(slots >> 32));
    }

    private void Signal(AnnouncedWord<TMemory> word, int index, uint bits)
    {
        ref readonly ulong acknowledged = ref _peer.Word64(ReplyLanes.AckOffset(index));

        // Ends: a swap fails only when another of our threads has signalled. The peer has no say in it.
        ulong set = word.Value;
        ulong next;
        do
        {
            // ORDER(ReplyLaneAck): behind the read of our own word, and behind our replies by their fences.
            // TRUST: any value is allowed; bits of a copy are compared. Who lies here is not told of its own replies.
            ulong ack = TMemory.Read(in acknowledged, Order.ReplyLaneAck);
            next = (set + ReplyLanes.CountOne) ^ (~(set ^ ack) & bits);
        }
        while (!word.TryChange(ref set, next));

        word.Announce();
    }
}
