// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>A word of our segment that several of our threads change: the truth is private, the segment shows a copy.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Nobody waits here, and no peer can make anybody stay.</remarks>
internal sealed class AnnouncedWord<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A change is a compare-and-swap on the private word; then the shared word is brought up to date: read it, read the
    // truth, swap. Two tries are enough. If both fail, another of our threads put its word there between them; that
    // thread read the shared word, and after it the truth, later than our change, so what it put there contains it. A
    // plain store instead of the swap would let a thread that was preempted put an old word over a newer one.
    //
    // What is read from the shared word is compared by the swap and never becomes a value: a peer with a writable mapping
    // spoils the copy, and with it what our side tells that peer, until the next change. There is no loop that it could
    // keep us in.
    //
    // INVARIANT: no two states of the truth are equal: each change counts. Proof: docs/memory-ordering/reply-lanes.md,
    // verify/announce.pml.

    private readonly Segment _own;
    private readonly int _offset;
    private readonly PrivateWords _truth = new(1);

    /// <summary>Starts at zero.</summary>
    /// <param name="own">The segment that shows the word.</param>
    /// <param name="offset">Where.</param>
    internal AnnouncedWord(Segment own, int offset)
    {
        _own = own;
        _offset = offset;
    }

    /// <summary>What the word is, whatever the segment shows.</summary>
    internal ulong Value => TMemory.Read(in _truth[0], Order.AnnouncedTruth);

    /// <summary>Changes the truth, if it still is what it was. <see cref="Announce()"/> must follow.</summary>
    /// <param name="value">What it was; what it is, when that was something else.</param>
    /// <param name="next">What it becomes: no state that it had before.</param>
    internal bool TryChange(ref ulong value, ulong next) => TryChange(ref _truth[0], ref value, next);

    /// <summary>Shows the truth to the peer. A full fence: the caller may look at the peer's sleep word right after.</summary>
    internal void Announce() => Announce(ref _own.Word64(_offset), in _truth[0]);

    /// <summary>The same for one of many words, whose truth is kept elsewhere.</summary>
    /// <param name="truth">The private word. It does not move.</param>
    /// <param name="value">What it was; what it is, when that was something else.</param>
    /// <param name="next">What it becomes: no state that it had before.</param>
    internal static bool TryChange(ref ulong truth, ref ulong value, ulong next)
    {
        ulong expected = value;
        value = TMemory.CompareExchange(ref truth, next, expected, Order.AnnouncedTruth);
        return value == expected;
    }

    /// <summary>The same for one of many words, whose truth is kept elsewhere.</summary>
    /// <param name="copy">The word of the segment.</param>
    /// <param name="truth">The private word.</param>
    internal static void Announce(ref ulong copy, ref readonly ulong truth)
    {
        if (!TryAnnounce(ref copy, in truth, Order.AnnouncedCopy))
            TryAnnounce(ref copy, in truth, Order.AnnouncedAgain);
    }

    private static bool TryAnnounce(ref ulong copy, ref readonly ulong truth, Order order)
    {
        ulong shown = TMemory.Read(in copy, order);

        // ORDER(AnnouncedTruth): behind the read of the copy. Whoever finds our copy later and swaps it has our change.
        ulong current = TMemory.Read(in truth, Order.AnnouncedTruth);
        return TMemory.CompareExchange(ref copy, current, shown, order) == shown;
    }
}
