// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The threads that wait for an <see cref="EpollSet"/> without descriptors, each asleep on its own word.</summary>
/// <remarks><b>Threads:</b> any. Nobody sleeps with the lock held.</remarks>
internal sealed class ParkedWaiters
{
    // Design:
    //
    // Who waits enters the list, a full fence, and looks at the set once more before it sleeps. Who has put something into
    // the set, behind a full fence, looks at the count. So one of the two sees the other.

    private readonly Lock _lock = new();
    private readonly List<ThreadWaiter> _waiters = [];
    private int _count;

    /// <summary>Wakes the one that came last.</summary>
    /// <returns>False when nobody sleeps.</returns>
    internal bool TryWakeOne()
    {
        if (Volatile.Read(ref _count) == 0)
            return false;
        ThreadWaiter waiter;
        lock (_lock)
        {
            if (_waiters.Count == 0)
                return false;
            waiter = _waiters[^1];
            _waiters.RemoveAt(_waiters.Count - 1);
            _count = _waiters.Count;
        }

        waiter.Wake();
        return true;
    }

    /// <summary>Wakes all.</summary>
    internal void WakeAll()
    {
        while (TryWakeOne())
        {
        }
    }

    /// <summary>Sleeps until it is woken, or the deadline has passed. Who returns looks at the set again.</summary>
    /// <param name="set">Whose waiters these are.</param>
    /// <param name="deadline">Until when.</param>
    internal void Sleep(EpollSet set, Deadline deadline)
    {
        ThreadWaiter waiter = ThreadWaiter.Current;
        uint seen = waiter.Word.Value;
        lock (_lock)
        {
            _waiters.Add(waiter);
            _count = _waiters.Count;
        }

        Interlocked.MemoryBarrier();
        if (set.MayPark)
            waiter.Word.Wait(seen, deadline.Nanoseconds);
        lock (_lock)
        {
            _waiters.Remove(waiter);
            _count = _waiters.Count;
        }
    }
}
