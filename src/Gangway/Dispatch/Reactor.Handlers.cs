// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

// Code of others on the loop's thread, and what happens when it stays too long.
internal sealed partial class Reactor
{
    /// <summary>A handler that was seen so often loses the loop whatever its thread waited for.</summary>
    private const int SightingsMax = 16;

    private readonly LoopWord<ProcessMemory> _loop = new();
    private readonly ConcurrentQueue<ICompletion> _completions = new();

    /// <summary>The role of the loop's thread.</summary>
    private ThreadRole _role = null!;

    /// <summary>What the loop read records into and uses again.</summary>
    private Delivery? _spare;

    private LoopThread? _standby;
    private int _loopThreadId;

    // The monitor's.
    private ulong _watched;
    private int _sightings;
    private ThreadActivity _activity;
    private long _activityTime;
    private long _takeovers;
    private long _shortages;
    private long _looks;
    private long _parks;
    private long _linesRead;

    /// <summary>Whether the caller is inside of somebody's handler or callback: it must not wait for its end.</summary>
    internal static bool IsInHandler => ThreadRole.IfAny is { } role && (role.Strand is not null || role.Delivery is not null);

    /// <summary>Whether the caller has this reactor's loop.</summary>
    internal bool IsCurrent => ThreadRole.IfAny?.Loop == this;

    /// <summary>Whether the caller has the loop of some reactor.</summary>
    internal static bool IsOnLoop => ThreadRole.IfAny?.Loop is not null;

    /// <summary>Whether the caller is somebody's code on a loop's thread, which another thread takes over if it stays.</summary>
    internal static bool IsInHandlerOfLoop => ThreadRole.IfAny is { Loop: not null, Entered: not 0 };

    /// <summary>Whether the caller has this loop still, inside of a handler or not. It may lose it right after.</summary>
    internal bool HasLoop =>
        ThreadRole.IfAny is { } role && role.Loop == this && (role.Entered == 0 || _loop.Value == role.Entered);

    /// <summary>The role of the loop's thread. On that thread.</summary>
    internal ThreadRole Role => _role;

    /// <summary>Whether the thread that entered somebody's code under a number has the loop still. It may lose it right after.</summary>
    internal bool HasLoopIn(ulong entered) => _loop.Value == entered;

    /// <summary>How long operations take here.</summary>
    internal OperationSpeeds Speeds { get; } = new();

    /// <summary>What waking each peer costs here.</summary>
    internal WakeMeters Wakes { get; } = new();

    /// <summary>What was counted.</summary>
    internal ReactorStatistics Statistics => new(
        Volatile.Read(ref _turns),
        Volatile.Read(ref _looks),
        Volatile.Read(ref _parks),
        Volatile.Read(ref _linesRead),
        Volatile.Read(ref _takeovers),
        Volatile.Read(ref _shortages));

    /// <summary>
    /// The caller is about to wait for something: if it has a loop, it gives it away first, because what it waits for may
    /// have to come through that loop.
    /// </summary>
    internal static void BeforeWait()
    {
        ThreadRole? role = ThreadRole.IfAny;
        RequireMayCall(role);
        if (role?.Loop is not { } reactor)
            return;
        role.Loop = null;
        role.StopKeeping();
        if (reactor._loop.TryTake(role.Entered))
            reactor.HandOver();
    }

    /// <summary>Whoever is asked where a record runs, or whether it may, does not call or wait: others need the thread.</summary>
    internal static void RequireMayCall(ThreadRole? role)
    {
        if (role is { IsAsked: true })
            throw new InvalidOperationException(
                "DispatchOf and ListenerOptions.Permit are asked on a reactor's or a sender's thread, and must not call or wait.");
    }

    /// <summary>Whether somebody's code may run on the loop's thread: only with a thread that stands by. On that thread.</summary>
    internal bool MayRunInline()
    {
        if (_standby is not null)
            return true;
        if (StandbyThreads.MayReserve)
            _standby = StandbyThreads.TryReserve();
        if (_standby is not null)
            return true;
        _shortages++;
        return false;
    }

    /// <summary>Somebody's code is about to run on the loop's thread.</summary>
    /// <param name="role">That thread's, for <see cref="TryLeaveHandler"/>: the loop may have another by then.</param>
    internal void EnterHandler(ThreadRole role) => role.Entered = _loop.Enter();

    /// <summary>It has returned.</summary>
    /// <returns>False when the loop is another thread's now: the caller touches nothing of it.</returns>
    internal bool TryLeaveHandler(ThreadRole role)
    {
        ulong entered = role.Entered;
        role.Entered = 0;
        if (_loop.TryLeave(entered))
            return true;
        role.Loop = null;
        return false;
    }

    /// <summary>Takes a delivery for the next record. Threads as in <see cref="ReturnDelivery"/>.</summary>
    internal Delivery RentDelivery()
    {
        if (_spare is not { } spare)
            return Delivery.Rent();
        _spare = null;
        return spare;
    }

    /// <summary>Gives a delivery back. On the loop's thread; when the reactor has stopped, on any, and then there is no spare.</summary>
    internal void ReturnDelivery(Delivery delivery)
    {
        if (_spare is null && !Volatile.Read(ref _hasStopped))
            _spare = delivery;
        else
            Delivery.Return(delivery);
    }

    /// <summary>The monitor looks: a handler that it sees three times, and that has run or slept meanwhile, loses the loop.</summary>
    /// <returns>Whether the reactor is awake.</returns>
    internal bool Watch(long now)
    {
        ulong seen = _loop.Value;
        if (seen != _watched || !LoopWord<ProcessMemory>.IsInHandler(seen))
        {
            _watched = seen;
            _sightings = 1;
        }
        else if (++_sightings == 2)
        {
            ThreadActivity.TryRead(Volatile.Read(ref _loopThreadId), out _activity);
            _activityTime = now;
        }
        else if ((_sightings > SightingsMax || !WasPreempted(now)) && _loop.TryTakeFromOther(seen))
        {
            HandOver();
        }

        return MayBeInHandler;
    }

    /// <summary>
    /// Whether the loop's thread spent most of the time since the last look waiting for a processor. Then its handler is not
    /// slow, the machine is busy, and another thread would fare no better.
    /// </summary>
    private bool WasPreempted(long now)
    {
        if (!ThreadActivity.TryRead(Volatile.Read(ref _loopThreadId), out ThreadActivity activity))
            return false;
        bool wasPreempted = activity.WaitNs - _activity.WaitNs > (now - _activityTime) / 2;
        _activity = activity;
        _activityTime = now;
        return wasPreempted;
    }

    /// <summary>Gives the loop, which the caller has just taken, to the thread that stands by.</summary>
    private void HandOver()
    {
        Interlocked.Increment(ref _takeovers);
        _home?.NoteTaken();
        LoopThread next = _standby!;
        _standby = null;
        next.Assign(this);
    }

    private void ReleaseStandby()
    {
        if (_standby is { } standby)
            StandbyThreads.PutBack(standby);
        _standby = null;
    }

    /// <summary>Lets callers go on whose calls ended otherwise than by a reply.</summary>
    /// <returns>False when the loop is another thread's now.</returns>
    private bool TryRunCompletions()
    {
        while (_completions.TryDequeue(out ICompletion? completion))
        {
            if (!TryRunHere(completion))
                return false;
        }

        return true;
    }

    /// <summary>Lets a caller go on, on this thread if that may be.</summary>
    /// <returns>False when the loop is another thread's now.</returns>
    internal bool TryRunHere(ICompletion completion)
    {
        if (!MayRunInline())
        {
            completion.Complete(mayRunHere: false);
            return true;
        }

        ThreadRole role = _role;
        EnterHandler(role);
        completion.Complete(mayRunHere: true);
        return TryLeaveHandler(role);
    }
}
