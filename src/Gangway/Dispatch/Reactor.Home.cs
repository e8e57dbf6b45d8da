// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

// A loop without a thread of its own: whoever waits on its event port runs it, turn by turn.
internal sealed partial class Reactor
{
    private const int PollsPerVisit = 4 * EmptyTurnsPerReading;

    private readonly EventPort? _port;
    private readonly LoopHome<ProcessMemory>? _home;

    [ThreadStatic]
    private static int t_threadId;

    /// <summary>Whether the port's poller has something to poll or to do here, and so must not sleep.</summary>
    internal bool IsHot => _home!.IsAtHome && (_hot.Count != 0 || _ends.Count != 0 || Volatile.Read(ref _hasRequests) != 0);

    /// <summary>Whether somebody's code may be running on its thread.</summary>
    internal bool MayBeInHandler => IsAwake && _home is not { IsAtHome: true };

    /// <summary>What becomes readable when a connection of it rings.</summary>
    internal Epoll Epoll => _epoll;

    /// <summary>Whether somebody's time is up, or a bell is owed: for a poller that does not sleep, and so is not woken for it.</summary>
    internal bool IsDue(long now) =>
        _home!.IsAtHome && (Timers.NextWake <= now || (_owedBells.Count != 0 && now - _lastLook > BellRetryNs));

    /// <summary>The port's poller: a turn of the loop, or a few while they find nothing, without sleep.</summary>
    /// <param name="looksAtKernel">Whether the kernel has something for it, or may have.</param>
    internal void Visit(bool looksAtKernel)
    {
        if (!TryEnter())
            return;

        // Who waits on the port may do so inside of a handler of another loop, and has that one still.
        ThreadRole role = ThreadRole.Current;
        role.StopKeeping();
        (Reactor? outer, ulong outerEntered) = (role.Loop, role.Entered);
        bool stillHasLoop = true;
        try
        {
            // The loop word needs no LoopWord.Begin: whoever leaves the loop between two turns leaves it in phase Loop.
            role.Loop = this;
            role.Entered = 0;
            _role = role;
            Volatile.Write(ref _loopThreadId, t_threadId != 0 ? t_threadId : t_threadId = Scheduler.ThreadId());
            MarkAwake();
            if (looksAtKernel || (_hot.Count == 0 && Timers.NextWake <= Deadline.Now))
                Look(0);
            if (!_isStopping && (_hot.Count != 0 || _ends.Count != 0 || Volatile.Read(ref _hasRequests) != 0))
                stillHasLoop = TryTurnsOfVisit();
        }
        catch (Exception e)
        {
            Environment.FailFast($"Gangway's reactor '{Name}' failed: {e}");
        }

        (role.Loop, role.Entered) = (outer, outerEntered);
        if (stillHasLoop)
            Leave();
    }

    /// <summary>Turns until one finds something, the port has something, or nothing came for a moment.</summary>
    /// <returns>False when a handler cost this thread the loop.</returns>
    private bool TryTurnsOfVisit()
    {
        // By what was polled: over many connections a few turns are as long as many over one, and the port has a kernel, a
        // clock and a deadline of its own to look at.
        int polls = 0;
        do
        {
            polls += _hot.Count;
            if (!TryTurn(maySleep: false))
                return false;
        }
        while (_emptyTurns != 0 && polls < PollsPerVisit && _hot.Count != 0 && !_isStopping && !_port!.MayHavePackets);
        return true;
    }

    /// <summary>The port's poller is about to sleep: from now on who asks for something wakes it.</summary>
    /// <param name="wakeNs">When it must look again at the latest.</param>
    /// <returns>False when there is something to do first.</returns>
    internal bool TryRest(out long wakeNs)
    {
        wakeNs = long.MaxValue;

        // Who stands in, and was called, wakes the port when it gives the loop back.
        if (!TryEnter())
            return true;

        bool rests = _hot.Count == 0 && _ends.Count == 0 && !_isStopping;
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
        Leave();
        return rests;
    }

    /// <summary>
    /// The caller waits for what comes by the loop: from now on, until <see cref="EndNeed"/>, it runs whether somebody waits on
    /// its port or not. Before the last look at what is waited for.
    /// </summary>
    internal void BeginNeed()
    {
        if (_home is not null && _home.BeginNeed())
            StandbyThreads.StandIn(this);
    }

    /// <summary>The caller waits no more.</summary>
    internal void EndNeed()
    {
        if (_home is not null && _home.EndNeed())
            WakeUp();
    }

    /// <summary>Ends a source as <see cref="End"/> does, in a moment, whether somebody waits on the loop's port or not.</summary>
    internal void EndSoon(ReactorSource source, DisconnectReason reason)
    {
        if (_home is null)
        {
            End(source, reason);
            return;
        }

        BeginNeed();
        Post(() =>
        {
            // Whenever it ends, the need ends with it.
            source.Needs++;
            EndInTurn(source, reason);
        });
    }

    private void EndNeeds(ReactorSource source)
    {
        for (; source.Needs != 0; source.Needs--)
            EndNeed();
    }

    private bool TryEnter()
    {
        bool hasEntered = _home!.TryEnter(out bool hasCalled);
        if (hasCalled)
            WakeUp();
        return hasEntered;
    }

    private void Leave()
    {
        if (!_home!.TryLeave())
            StandbyThreads.StandIn(this);
    }

    private void MarkAwake()
    {
        Volatile.Write(ref _isAwake, true);
        TakeoverMonitor.NoteAwake();
    }

    /// <summary>Who stands in for the port's poller: gives the loop back if that asks for it, and nobody needs it.</summary>
    private bool TryGoHome()
    {
        if (_home is not { MustReturn: true })
            return false;
        ThreadRole role = _role;
        role.Loop = null;
        if (!_home.TryReturn())
        {
            role.Loop = this;
            return false;
        }

        _port!.WakePollers();
        return true;
    }
}
