// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// A loop without a thread of its own: whoever waits on its event port runs it, turn by turn.
internal sealed partial class Reactor
{
    private readonly EventPort? _port;
    private readonly LoopHome? _home;

    [ThreadStatic]
    private static int t_threadId;

    /// <summary>Whether the port's poller has something to poll or to do here, and so must not sleep.</summary>
    internal bool IsHot => _home!.IsAtHome && (_hot.Count != 0 || Volatile.Read(ref _hasRequests) != 0);

    /// <summary>Whether somebody's code may be running on its thread.</summary>
    internal bool MayBeInHandler => IsAwake && _home is not { IsAtHome: true };

    /// <summary>What becomes readable when a connection of it rings.</summary>
    internal Epoll Epoll => _epoll;

    /// <summary>The port's poller: a turn of the loop, without sleep.</summary>
    /// <param name="looksAtKernel">Whether the kernel has something for it, or may have.</param>
    internal void Visit(bool looksAtKernel)
    {
        if (!_home!.TryEnter(out bool hasCalled))
        {
            if (hasCalled)
                WakeUp();
            return;
        }

        bool stillHasLoop = true;
        try
        {
            t_current = this;
            Volatile.Write(ref _loopThreadId, t_threadId != 0 ? t_threadId : t_threadId = Scheduler.ThreadId());
            _loop.Begin();
            MarkAwake();
            if (looksAtKernel || (_hot.Count == 0 && Timers.NextWake <= Deadline.Now))
                Look(0);
            if (!_isStopping && (_hot.Count != 0 || Volatile.Read(ref _hasRequests) != 0))
                stillHasLoop = TryTurn(maySleep: false);
            if (stillHasLoop)
                t_current = null;
        }
        catch (Exception e)
        {
            Environment.FailFast($"Gangway's reactor '{Name}' failed: {e}");
        }

        if (stillHasLoop && !_home.TryLeave())
            StandbyThreads.StandIn(this);
    }

    /// <summary>The port's poller is about to sleep: from now on who asks for something wakes it.</summary>
    /// <param name="wakeNs">When it must look again at the latest.</param>
    /// <returns>False when there is something to do first.</returns>
    internal bool TryRest(out long wakeNs)
    {
        wakeNs = long.MaxValue;
        if (!_home!.TryEnter(out bool hasCalled))
        {
            // Who stands in wakes the port when it gives the loop back.
            if (hasCalled)
                WakeUp();
            return true;
        }

        bool rests = _hot.Count == 0 && !_isStopping;
        if (rests)
        {
            Volatile.Write(ref _isAwake, false);
            Interlocked.MemoryBarrier();
            rests = Volatile.Read(ref _hasRequests) == 0 && _completions.IsEmpty;
            long timeoutNs = NanosecondsToSleep();
            wakeNs = timeoutNs < 0 ? long.MaxValue : Deadline.Now + timeoutNs;
        }

        if (rests)
            Speeds.OnLoopSleeps();
        else
            MarkAwake();
        if (!_home.TryLeave())
            StandbyThreads.StandIn(this);
        return rests;
    }

    /// <summary>
    /// Sees to it that the loop runs, whether somebody waits on its port or not: behind what was asked of it, and before a wait
    /// for that.
    /// </summary>
    internal void SendAway()
    {
        if (_home is not null && _home.TrySendAway())
            StandbyThreads.StandIn(this);
    }

    private void MarkAwake()
    {
        Volatile.Write(ref _isAwake, true);
        TakeoverMonitor.NoteAwake();
    }

    /// <summary>Who stands in for the port's poller: gives the loop back if that asks for it.</summary>
    private bool TryGoHome()
    {
        // What was asked of it first: who asked may wait, and have found that somebody stands in.
        if (_home is null || !_home.IsCalled || Volatile.Read(ref _hasRequests) != 0)
            return false;
        MarkAwake();
        t_current = null;
        if (!_home.TryReturn())
        {
            t_current = this;
            return false;
        }

        _port!.WakePollers();
        return true;
    }
}
