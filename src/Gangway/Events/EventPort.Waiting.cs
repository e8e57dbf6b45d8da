// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

// Waiters, the baton, and the poller's turn.
public sealed partial class EventPort
{
    /// <summary>As many ended bindings may lie in the queues, beside as many as there are living ones.</summary>
    private const int SweepMin = 64;

    private readonly Lock _waitersLock = new();
    private readonly List<ThreadWaiter> _waiters = [];
    private readonly PortBaton<ProcessMemory> _baton = new();
    private int _waiterCount;
    private int _closedLinked;

    /// <summary>Waits for packets.</summary>
    /// <param name="packets">Where they go, in priority order; at least one place.</param>
    /// <param name="deadline">Until when. Default: for ever. What is ready is returned even if it has passed,
    /// unless another thread is at it: see the remarks.</param>
    /// <returns>How many came; 0 when the deadline has passed.</returns>
    /// <remarks>
    /// Each packet goes to one waiter. A spurious return of 0 before the deadline does not happen. At the deadline, and with
    /// one that has passed already, 0 may be returned although something is ready, when another thread polls here, or looks
    /// for a moment: one that waits, ends many bindings, binds a descriptor in mode <see cref="TriggerMode.Edge"/>, or waits
    /// for a port that this one is bound to. To wait for that thread would be to wait behind the deadline, and it may sleep.
    /// <b>Blocks:</b> the thread; inside a handler the reactor goes on with another. <b>Cost:</b> O(what it returns); no
    /// system call while there is something; allocates nothing in steady state.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no place.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed, or was meanwhile.</exception>
    public int Wait(Span<Packet> packets, Deadline deadline = default)
    {
        if (packets.IsEmpty)
            throw new ArgumentException("There is no place for a packet.", nameof(packets));
        return Strand.OfWait is { } strand ? WaitOnStrand(strand, packets, deadline) : WaitFor(packets, deadline, null);
    }

    /// <summary>A wait in a strand's turn, which urgent notifications of the strand interrupt.</summary>
    private int WaitOnStrand(Strand strand, Span<Packet> packets, Deadline deadline)
    {
        // A handler that an outer wait of this thread runs may wait in its turn.
        ThreadWaiter waiter = ThreadWaiter.Current;
        EventPort? outer = waiter.Port;
        waiter.Port = this;
        strand.BeginWait(waiter);
        try
        {
            return WaitFor(packets, deadline, strand);
        }
        finally
        {
            strand.EndWait();
            waiter.Port = outer;
        }
    }

    /// <summary>Has whoever polls here come round once.</summary>
    internal void Interrupt() => _backend.Wake();

    private int WaitFor(Span<Packet> packets, Deadline deadline, Strand? strand)
    {
        bool isFirst = true;
        while (true)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
            ThrowIfVisiting();
            if (strand is { HasUrgent: true })
            {
                // This thread may have been woken to take the baton, and comes to it late.
                if (Volatile.Read(ref _waiterCount) != 0)
                    WakeOne();
                strand.RunUrgent();
            }

            if (TryTakeBaton())
            {
                int count;
                try
                {
                    count = Poll(packets, deadline, isFirst, strand);
                }
                finally
                {
                    ReleaseBaton();
                }

                if (count > 0 || (deadline.HasPassed && !Volatile.Read(ref _isDisposed)))
                    return count;
            }
            else if (!TrySleepBesidePoller(deadline, strand))
            {
                // The poller may be in a long sleep with nothing to give, and then neither have we.
                if (!_baton.TryMark(BatonMarks.Taker))
                    continue;
                return 0;
            }

            isFirst = false;
        }
    }

    /// <summary>Takes a packet if one is ready.</summary>
    /// <returns>False when none is, or another thread is just taking them.</returns>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    public bool TryWait(out Packet packet)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        packet = default;
        if (!_baton.TryTakeOrMark(BatonMarks.Taker))
            return false;
        try
        {
            Look();
            VisitLoop();
            return Deliver(new Span<Packet>(ref packet)) != 0;
        }
        finally
        {
            ReleaseBaton();
        }
    }

    private bool TryTakeBaton() => _baton.TryTake();

    /// <summary>Gives the baton back, by one who did not only look.</summary>
    private void ReleaseBaton()
    {
        bool leavesWork = false;
        long loopWakeNs = TimerNode.None;
        bool isContained = Volatile.Read(ref _outer).Length != 0;
        if (isContained || !_watches.IsEmpty)
        {
            // Nobody comes here until something rings, and a loop that passes for awake is not rung: so it rests, as before a
            // sleep. When it must look next is told to the clock (KeepTime), and to the poller of a port around this one.
            leavesWork = IsLoopHot || _insideWake == 0 || !TryRestLoop(ref loopWakeNs) || (isContained && loopWakeNs != TimerNode.None);
        }

        if (HandBatonBack(leavesWork, loopWakeNs, polls: null))
            HaveWatchersLook();
    }

    /// <summary>Gives the baton back.</summary>
    /// <param name="leavesWork">Whether there is something that must be polled, and of which the kernel does not tell.</param>
    /// <param name="loopWakeNs">When the loop, which rests, has something to do.</param>
    /// <param name="polls">The port through which the caller goes on to poll it, if it does.</param>
    /// <returns>Whether one who watches came by in vain, and nobody was told to look: the caller looks, or has one of them look.</returns>
    private bool HandBatonBack(bool leavesWork, long loopWakeNs, EventPort? polls)
    {
        // What it leaves behind has its time; who is about to look tells the clock then.
        if (!leavesWork && !_watches.IsEmpty)
            AskClock(Math.Min(Math.Min(Timers.NextWake, _insideWake), loopWakeNs));

        // A full fence between the baton and the look at who waits, as between a waiter's entry and its look at the baton.
        BatonMarks marks = _baton.Release();
        if (Volatile.Read(ref _isDisposed))
            TryEnd();
        else if (Volatile.Read(ref _waiterCount) != 0)
            WakeOne();
        if (marks != BatonMarks.None)
            WakeWhoMissed(marks);
        if (leavesWork)
            HandOver(polls);
        return !leavesWork && (marks & BatonMarks.Watcher) != 0;
    }

    /// <summary>The port is disposed: the last one who polled gives back what the poller used.</summary>
    private void TryEnd()
    {
        if (_baton.TryEnd())
            _backend.Dispose();
    }

    /// <summary>Another thread polls: sleeps until the baton may be free.</summary>
    /// <returns>False when the deadline has passed.</returns>
    private bool TrySleepBesidePoller(Deadline deadline, Strand? strand = null)
    {
        if (deadline.HasPassed)
            return false;
        Reactor.BeforeWait();
        ThreadWaiter waiter = ThreadWaiter.Current;
        uint seen = waiter.Word.Value;
        lock (_waitersLock)
        {
            _waiters.Add(waiter);
            _waiterCount++;
        }

        // Behind the entry: a release that came before it has seen nobody.
        Interlocked.MemoryBarrier();
        Errno errno = Errno.None;
        if (!_baton.IsFree && !Volatile.Read(ref _isDisposed) && strand is not { HasUrgent: true })
            errno = waiter.Word.Wait(seen, deadline.Nanoseconds);
        bool wasWoken;
        lock (_waitersLock)
        {
            wasWoken = !_waiters.Remove(waiter);
            _waiterCount = _waiters.Count;
        }

        // Who was woken tries for the baton, even if its deadline has passed meanwhile: whoever has it wakes the next one.
        return wasWoken || errno != Errno.ETIMEDOUT;
    }

    private void WakeOne()
    {
        ThreadWaiter waiter;
        lock (_waitersLock)
        {
            if (_waiters.Count == 0)
                return;
            waiter = _waiters[^1];
            _waiters.RemoveAt(_waiters.Count - 1);
            _waiterCount = _waiters.Count;
        }

        waiter.Wake();
    }

    /// <summary>The port is disposed: whoever waits looks, and goes.</summary>
    private void EndWaiting()
    {
        Interlocked.MemoryBarrier();
        _backend.Wake();
        while (Volatile.Read(ref _waiterCount) != 0)
            WakeOne();
        TryEnd();
    }

    /// <summary>The poller's wait.</summary>
    private int Poll(Span<Packet> packets, Deadline deadline, bool mayBeLate, Strand? strand)
    {
        bool isLast = mayBeLate && deadline.HasPassed;
        while (!Volatile.Read(ref _isDisposed))
        {
            // Whoever finds its packets at once, or polls connections, still looks at the kernel often enough for the others.
            bool mustPoll = IsLoopHot;
            if (++_turns % TurnsPerLook == 0 || (!mustPoll && _inbox.IsEmpty && _ready.IsEmpty)
                || Deadline.Now - _lastLook > LookIntervalNs)
            {
                Look();
            }

            VisitLoop();
            int count = Deliver(packets);
            if (count != 0)
                return count;
            if (isLast || deadline.HasPassed)
                return 0;
            if (strand is { HasUrgent: true })
                return 0;
            if (!mustPoll)
                Sleep(deadline);
        }

        return 0;
    }

    private void Sleep(Deadline deadline)
    {
        Reactor.BeforeWait();
        long until = Math.Min(deadline.Nanoseconds, Timers.NextWake);
        bool hasLooked = _inbox.TryAnnounceSleep() && TryRestLoop(ref until) && !Volatile.Read(ref _isDisposed);
        if (hasLooked)
        {
            if (_inner.Length != 0)
                until = Math.Min(until, _insideWake = LookInside());
            if (MayHavePackets)
                until = 0;
            LookAtBackend(until == long.MaxValue ? -1 : Math.Max(0, until - Deadline.Now));
        }

        _inbox.EndSleep();
        long now = Deadline.Now;
        if (hasLooked)
            _lastLook = now;
        AdvanceTimers(now);
    }

    /// <summary>Looks at the kernel and the clock, without waiting.</summary>
    /// <returns>False when the kernel may have more.</returns>
    private bool Look()
    {
        bool isWhole = LookAtBackend(0);
        _lastLook = Deadline.Now;
        AdvanceTimers(_lastLook);
        NoteLoopDue(_lastLook);
        _insideWake = _inner.Length != 0 ? LookInside() : long.MaxValue;
        return isWhole;
    }

    private bool LookAtBackend(long timeoutNs)
    {
        bool isWhole = _backend.Wait(this, timeoutNs);
        Volatile.Write(ref _looks, _looks + 1);
        if (isWhole)
            Volatile.Write(ref _wholeLooks, _wholeLooks + 1);
        return isWhole;
    }

    private int Deliver(Span<Packet> packets)
    {
        if (!MayHavePackets)
            return 0;
        int count = 0;
        SourceNode? again = null, lastAgain = null;
        while (count < packets.Length)
        {
            // What came meanwhile may be of a higher priority.
            TakeInbox();
            if (_ready.Take() is not { } node)
                break;
            switch (node.Deliver(out packets[count]))
            {
                case Delivered.Once:
                    count++;
                    break;
                case Delivered.AgainNextTime:
                    // Behind this wait, or one source would fill all places.
                    count++;
                    if (lastAgain is null)
                        again = node;
                    else
                        lastAgain.NextInQueue = node;
                    lastAgain = node;
                    break;
                case Delivered.Dropped:
                    Forget(node);
                    break;
            }
        }

        while (again is not null)
        {
            SourceNode? next = again.NextInQueue;
            _ready.Add(again);
            again = next;
        }

        _inbox.NoteQueues(_ready.IsEmpty);
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeInbox()
    {
        if (!_inbox.IsEmpty)
            SortInbox();
    }

    /// <summary>The newest comes first: turns the list round, so that arrival decides.</summary>
    private void SortInbox()
    {
        SourceNode? oldest = null;
        for (ulong number = _inbox.Take(); number != 0;)
        {
            SourceNode node = _registry.Find(number);
            number = node.NextNumber;
            node.NextInQueue = oldest;
            oldest = node;
        }

        while (oldest is not null)
        {
            SourceNode next = oldest.NextInQueue!;
            _ready.Add(oldest);
            oldest = next;
        }
    }

    /// <summary>An ended binding's node has left the queues.</summary>
    private void Forget(SourceNode node)
    {
        Interlocked.Decrement(ref _closedLinked);
        _registry.Free(node);
    }

    /// <summary>Takes ended bindings, and cancelled packets, out of the queues, unless a poller is there, which will.</summary>
    private void Sweep()
    {
        if (!TryTakeBaton())
            return;
        TakeInbox();
        _ready.RemoveWhere(static node => node.IsDead, Drop);
        _inbox.NoteQueues(_ready.IsEmpty);
        ReleaseBaton();
    }

    private void Drop(SourceNode node)
    {
        if (node.Deliver(out _) == Delivered.Dropped)
            Forget(node);
    }
}
