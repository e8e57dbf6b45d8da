// SPDX-License-Identifier: MIT

namespace Gangway;

// Ports that are watched from outside: sources of sets.
public sealed partial class EventPort : IReadinessSource
{
    // Design:
    //
    // A packet that is queued wakes whoever watches. What only a poller finds is found by those who watch: a descriptor's
    // event makes this port's epoll readable, which is in theirs, and its waiter looks here (LookForWatchers). When a time has
    // come the clock's thread has them look, by the bell; where there is no epoll it looks itself, for then there are no
    // connections either, whose handlers it would run.
    //
    // Whoever gives the baton back tells the clock of the next time, and has those who watch look again when somebody came by
    // in vain meanwhile, or when connections are hot, that nobody polls any more.
    //
    // While packets move from the inbox to the queues they are in neither, so whoever looks goes by a number that is odd
    // meanwhile: docs/memory-ordering/readiness.md.

    /// <summary>EPOLLRDNORM, which an epoll reports as well.</summary>
    private const uint ReadNormal = 0x040;

    private readonly Lock _clockLock = new();
    private WatchList _watches;
    private ClockNode? _clock;

    /// <summary>When the clock has us looked at, at the latest. Under the clock's lock.</summary>
    private long _clockWish = TimerNode.None;

    /// <summary>When the loop has something to do, until the clock is told. The baton's holder.</summary>
    private long _loopWake = TimerNode.None;

    /// <summary>Odd while the baton's holder moves packets.</summary>
    private uint _moves;

    /// <inheritdoc/>
    ref WatchList IReadinessSource.Watches => ref _watches;

    /// <summary>Readable while it has packets to take, as an epoll is.</summary>
    uint IReadinessSource.Look()
    {
        uint before = Volatile.Read(ref _moves);
        bool hasPackets = (before & 1) != 0 || !_inbox.IsEmpty || !_ready.IsEmpty;
        if (!hasPackets)
        {
            Volatile.ReadBarrier();
            hasPackets = Volatile.Read(ref _moves) != before;
        }

        return hasPackets ? (uint)DescriptorEvents.Readable | ReadNormal : 0;
    }

    /// <summary>Whether it was disposed.</summary>
    internal bool IsDisposed => Volatile.Read(ref _isDisposed);

    /// <summary>Somebody has begun to watch.</summary>
    internal void BeginWatch()
    {
        lock (_clockLock)
            _clock ??= new ClockNode(this);
        LookForWatchers(mayVisit: false);
        if (Volatile.Read(ref _loop) is not null)
            HaveWatchersLook();
    }

    /// <summary>Finds what only a poller finds. On the thread of one who watches.</summary>
    /// <param name="mayVisit">Whether it may run handlers of the port's connections.</param>
    internal void LookForWatchers(bool mayVisit = true)
    {
        if (!TryTakeBatonOrNote())
            return;
        bool isAtRest = false;
        try
        {
            // The kernel tells of this port's epoll once, so all that it has is taken; what comes meanwhile is told again.
            int most = _registry.Count / EpollBackend.EventsPerLook + 2;
            while (!Look() && --most > 0)
            {
            }

            isAtRest = most > 0 && _insideWake != 0;
            if (mayVisit)
            {
                VisitLoop();
                isAtRest = !IsLoopHot && TryRestLoop(ref _loopWake) && isAtRest;
            }
        }
        finally
        {
            HandBatonBack(leavesWork: !isAtRest, polls: null);
        }
    }

    private void BeginMoves()
    {
        _moves++;
        Volatile.WriteBarrier();
    }

    private void EndMoves() => Volatile.Write(ref _moves, _moves + 1);

    /// <summary>Takes the baton; if it is not free, whoever has it tells those who watch or contain this port when it is.</summary>
    private bool TryTakeBatonOrNote()
    {
        // The mark, then the second try; there the release, then the look at the mark.
        if (TryTakeBaton())
            return true;
        Interlocked.Exchange(ref _isMissed, true);
        return TryTakeBaton();
    }

    /// <summary>Has somebody who watches look, or the clock's thread.</summary>
    private void HaveWatchersLook()
    {
        if (_watches.IsEmpty)
            return;
        if (Epoll is not null)
            _backend.Wake();
        else
            AskClock(0);
    }

    /// <summary>The baton was free for nobody who came by: what is left is told once more.</summary>
    private void WakeWatchers()
    {
        if (_watches.IsEmpty)
            return;
        if (MayHavePackets)
            _watches.Wake((uint)DescriptorEvents.Readable);
        HaveWatchersLook();
    }

    /// <summary>The baton's holder is about to give it back: what it leaves behind has its time.</summary>
    private void KeepTime()
    {
        AskClock(Math.Min(Math.Min(Timers.NextWake, _insideWake), _loopWake));
        _loopWake = TimerNode.None;
    }

    private void AskClock(long dueNs)
    {
        lock (_clockLock)
        {
            if (dueNs >= _clockWish || _clock is null)
                return;
            _clockWish = dueNs;
            SourceClock.Watch(_clock, dueNs);
        }
    }

    private void OnClock()
    {
        // First: what is asked from here on is asked anew.
        lock (_clockLock)
            _clockWish = TimerNode.None;
        if (_watches.IsEmpty)
            return;
        if (Epoll is not null)
            _backend.Wake();
        else
            LookForWatchers();
    }

    private sealed class ClockNode(EventPort port) : TimerNode
    {
        internal override void OnDue(long now) => port.OnClock();
    }
}
