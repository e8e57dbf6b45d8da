// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Work in the order in which it was put, for one taker at a time.</summary>
/// <remarks><b>Threads:</b> any number put; the holder of the strand's turn takes. Nobody waits, nothing allocates.</remarks>
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

            // Exchange. Everything that was put before is ours.
            StrandWork? work = Interlocked.Exchange(ref _newest, null);
            while (work is not null)
            {
                StrandWork? before = work.Next;
                work.Next = _oldest;
                _oldest = work;
                work = before;
            }
        }

        StrandWork? taken = _oldest;
        if (taken is not null)
        {
            _oldest = taken.Next;
            taken.Next = null;
        }

        return taken;
    }
}
