// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Work in the order in which it was put, for one taker at a time.</summary>
/// <remarks>
/// <b>Threads:</b> any number put; one at a time takes: the holder of the strand's turn, or of its lock for taking. Nobody
/// waits, nothing allocates.
/// </remarks>
internal struct WorkQueue
{
    // Design:
    //
    // Who puts chains its node to the newest by compare-and-swap. The taker takes the whole chain at once and turns it
    // round; a chain that is taken whole needs no tag against reuse. The outbox of a connection is the same with numbers
    // for references, and is what the explorer runs. Proof: docs/memory-ordering/strand.md, verify/strand.pml.

    private StrandWork? _newest;
    private StrandWork? _oldest;

    /// <summary>Whether nothing is queued. For the taker; others may put meanwhile.</summary>
    internal readonly bool IsEmpty => _oldest is null && Volatile.Read(in _newest) is null;

    /// <summary>Puts work. The caller then marks the turn wanted.</summary>
    internal void Put(StrandWork work)
    {
        // Compare-and-swap. The node's link comes before the node can be found.
        StrandWork? newest = Volatile.Read(ref _newest);
        while (true)
        {
            work.Next = newest;
            StrandWork? found = Interlocked.CompareExchange(ref _newest, work, newest);
            if (found == newest)
                return;
            newest = found;
        }
    }

    /// <summary>Takes the oldest.</summary>
    internal StrandWork? Take()
    {
        if (_oldest is null)
        {
            if (Volatile.Read(ref _newest) is null)
                return null;
            _oldest = TakeNewest();
        }

        StrandWork? taken = _oldest;
        if (taken is not null)
        {
            _oldest = taken.Next;
            taken.Next = null;
        }

        return taken;
    }

    /// <summary>Takes all that is cancellable, as a chain, the oldest first. The rest stays, in its order.</summary>
    internal StrandWork? TakeCancellable()
    {
        StrandWork? chain = _oldest;
        StrandWork? newest = TakeNewest();
        if (chain is null)
            chain = newest;
        else
            LastOf(chain).Next = newest;

        StrandWork? taken = null, lastTaken = null, kept = null, lastKept = null;
        while (chain is { } work)
        {
            chain = work.Next;
            work.Next = null;
            if (work.IsCancellable)
                Append(work, ref taken, ref lastTaken);
            else
                Append(work, ref kept, ref lastKept);
        }

        _oldest = kept;
        return taken;
    }

    private static void Append(StrandWork work, ref StrandWork? first, ref StrandWork? last)
    {
        if (last is null)
            first = work;
        else
            last.Next = work;
        last = work;
    }

    private static StrandWork LastOf(StrandWork work)
    {
        while (work.Next is { } next)
            work = next;
        return work;
    }

    /// <summary>Everything that was put since the last time, as a chain, the oldest first.</summary>
    private StrandWork? TakeNewest()
    {
        // Exchange. Everything that was put before is ours.
        StrandWork? work = Interlocked.Exchange(ref _newest, null);
        StrandWork? oldest = null;
        while (work is not null)
        {
            StrandWork? before = work.Next;
            work.Next = oldest;
            oldest = work;
            work = before;
        }

        return oldest;
    }
}
