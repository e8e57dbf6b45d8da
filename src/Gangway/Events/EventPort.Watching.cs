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
    // Whoever gives the baton back tells the clock of the next time, and has those who watch look again when connections are
    // hot that nobody polls any more.
    //
    // Who comes only to look, and finds the baton with another who only looks, is looked for by that one: it looks once more.
    // If it were told, and all others with it, two sets would wake each other until they miss each other.

    /// <summary>EPOLLRDNORM, which an epoll reports as well.</summary>
    private const uint ReadNormal = 0x040;

    private readonly Lock _clockLock = new();
    private WatchList _watches;
    private ClockNode? _clock;

    /// <summary>When the clock has us looked at, at the latest. Under the clock's lock.</summary>
    private long _clockWish = TimerNode.None;

    /// <inheritdoc/>
    ref WatchList IReadinessSource.Watches => ref _watches;

    /// <summary>Readable while it has packets to take, as an epoll is.</summary>
    uint IReadinessSource.Look() => MayHavePackets ? (uint)DescriptorEvents.Readable | ReadNormal : 0;

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
        if (_baton.TryTakeOrMark(BatonMarks.Watcher))
            LookAndHandBack(null, mayVisit);
    }

    /// <summary>The baton's holder, who came to look: finds what only a poller finds, and gives the baton back.</summary>
    /// <param name="polls">The port through which the caller polls this one; null if it watches.</param>
    /// <param name="mayVisit">Whether it may run handlers of the port's connections.</param>
    /// <returns>When there is something to find at the latest; 0: now.</returns>
    private long LookAndHandBack(EventPort? polls, bool mayVisit)
    {
        // What happens once has each of those who watch come once at most. Whoever they are, this thread has more to do than that.
        for (int left = _watches.Count; ; left--)
        {
            bool isAtRest = false, isMissed = false;
            long loopWakeNs = TimerNode.None, until = 0;
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
                    // Whoever goes to sleep now does it elsewhere: the loop rests as if that were here.
                    VisitLoop();
                    isAtRest = !IsLoopHot && TryRestLoop(ref loopWakeNs) && isAtRest;
                }

                if (isAtRest)
                    until = Math.Min(Math.Min(Timers.NextWake, _insideWake), loopWakeNs);
            }
            finally
            {
                isMissed = HandBatonBack(leavesWork: !isAtRest, loopWakeNs, polls);
            }

            if (!isMissed)
                return until;
            if (left <= 0)
            {
                HaveWatchersLook();
                return until;
            }

            // Another may have it by now, and not have come to look.
            if (!_baton.TryTakeOrMark(BatonMarks.Watcher))
                return until;
        }
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
