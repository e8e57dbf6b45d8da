// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>
/// A timer that may be bound to a port, where it makes a packet when its time has come, and again after each period; be in sets
/// (<see cref="EpollSet"/>); and be looked at (<see cref="Poll"/>).
/// </summary>
/// <remarks>
/// Periods that pass while its packet is not taken are counted in <see cref="Packet.Count"/>, and cost nothing. In a set it is
/// what a timerfd is: readable from when a time has come until it is looked at, and one wake-up then, however many periods pass.
/// While it is bound its periods go to the port, each a wake-up, and in sets it is readable while they wait there.
/// <b>Threads:</b> any. <b>Cost:</b> setting one is O(1), and no thread or descriptor; with a <see cref="TimeProvider"/> other
/// than the system's, one of its timers; all timers that are in sets share one thread. It comes up to a millisecond late, never
/// early.
/// </remarks>
public sealed class EventTimer : IReadinessSource
{
    // Design:
    //
    // All is under the lock, but the watches. A time of a timer that is not bound has come when somebody was told, by the alarm,
    // and not when the clock says so: for those who watch its state and its wake-up are one thing. Only a look that finds no
    // alarm, because nobody watched before, goes by the clock.
    //
    // Lock order: a set, a timer. Ports and those who watch are signalled under the lock or behind it, and take none of these.

    private readonly Lock _lock = new();
    private TimerSourceNode? _node;
    private Alarm? _alarm;
    private long _dueNs = TimerNode.None;
    private long _periodNs;
    private bool _hasCome;
    private WatchList _watches;

    /// <summary>Makes a timer that is not set.</summary>
    /// <param name="time">Its clock. Default: the system's monotonic one.</param>
    public EventTimer(TimeProvider? time = null) => Time = time ?? TimeProvider.System;

    internal TimeProvider Time { get; }

    /// <summary>Sets it, whatever it was set to before: what has come and was not taken is forgotten, unless a port has it.</summary>
    /// <param name="due">How long from now; zero or less is at once.</param>
    /// <param name="period">How long from each time to the next. Default: zero, it comes once.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is negative, or less than a millisecond and not zero; or a time
    /// is more than 100 years.</exception>
    public void Set(TimeSpan due, TimeSpan period = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(due.TotalDays, 36_500, nameof(due));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period.TotalDays, 36_500, nameof(period));
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        if (period != TimeSpan.Zero)
            ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(1));
        lock (_lock)
        {
            _periodNs = period.Ticks * TimeSpan.NanosecondsPerTick;
            Arm(Now + Math.Max(0, due.Ticks) * TimeSpan.NanosecondsPerTick);
        }
    }

    /// <summary>It does not come any more. A packet that is queued already stays.</summary>
    public void Stop()
    {
        lock (_lock)
            Arm(TimerNode.None);
    }

    /// <summary>Takes what has come: a read of a timerfd.</summary>
    /// <returns>How many of its times have come since it was set, or since the last look; 0 if none. While it is bound, what the
    /// port has not delivered yet.</returns>
    public uint Poll()
    {
        lock (_lock)
        {
            ulong count = TakePeriods(Now);
            if (_node is { } node && node.TryTake(out Signals signals))
                count += signals.Count;
            return (uint)Math.Min(count, uint.MaxValue);
        }
    }

    internal long Now => Time == TimeProvider.System
        ? Deadline.Now
        : (long)(Time.GetTimestamp() * (1e9 / Time.TimestampFrequency));

    /// <inheritdoc/>
    ref WatchList IReadinessSource.Watches => ref _watches;

    /// <summary>Readable while something has come, as a timerfd.</summary>
    uint IReadinessSource.Look()
    {
        lock (_lock)
        {
            bool isPending = false;
            if (_node is { } node)
                node.TryPeek(out isPending);
            _alarm ??= new Alarm(this);
            if (!_hasCome && _alarm.DueNs != _dueNs)
            {
                _hasCome = _node is null && _dueNs <= Now;
                if (!_hasCome)
                    _alarm.Set(_dueNs);
            }

            return (uint)(_hasCome || isPending ? DescriptorEvents.Readable : DescriptorEvents.None);
        }
    }

    internal bool TryBind(TimerSourceNode node)
    {
        lock (_lock)
        {
            if (_node is { IsClosed: false })
                return false;

            // Who ended the binding meanwhile has been here, or waits for the lock.
            if (node.IsClosed)
                return true;
            _node = node;
            node.Set(_dueNs);
            return true;
        }
    }

    internal void OnUnbound(TimerSourceNode node)
    {
        lock (_lock)
        {
            node.Set(TimerNode.None);
            if (_node == node)
                _node = null;
        }
    }

    /// <summary>How many of its times have come, and sets the next.</summary>
    /// <returns>0 when it was set anew meanwhile, or bound anew.</returns>
    internal uint TakeDue(TimerSourceNode node)
    {
        lock (_lock)
        {
            if (_node != node)
                return 0;
            uint periods = TakePeriods(Now);
            if (periods == 0)
                node.Set(_dueNs);
            return periods;
        }
    }

    /// <summary>The port has what <see cref="TakeDue"/> took.</summary>
    internal void WakeWatches() => _watches.Wake((uint)DescriptorEvents.Readable);

    private void Arm(long dueNs)
    {
        _dueNs = dueNs;
        _hasCome = false;
        _node?.Set(dueNs);
        if (!_watches.IsEmpty)
            _alarm?.Set(dueNs);
    }

    private uint TakePeriods(long now)
    {
        if (_dueNs > now)
            return 0;
        long periods = Periods(now);
        Arm(_periodNs == 0 ? TimerNode.None : _dueNs + periods * _periodNs);
        return (uint)Math.Min(periods, uint.MaxValue);
    }

    private long Periods(long now) => _periodNs == 0 ? 1 : (now - _dueNs) / _periodNs + 1;

    private void OnAlarm()
    {
        lock (_lock)
        {
            // It was set anew, taken, or told already.
            long now = Now;
            _alarm!.DueNs = TimerNode.None;
            if (_dueNs > now)
            {
                _alarm.Set(_dueNs);
                return;
            }

            if (_hasCome)
                return;
            if (_node is { } node && node.TrySignal(0, (uint)Math.Min(Periods(now), uint.MaxValue)))
                TakePeriods(now);
            else
                _hasCome = true;
        }

        WakeWatches();
    }

    /// <summary>Tells a timer that is watched of its time.</summary>
    private sealed class Alarm(EventTimer timer) : TimerNode
    {
        private ITimer? _clock;

        /// <summary>For when it is set; <see cref="TimerNode.None"/> if it is not. Under the timer's lock.</summary>
        internal long DueNs { get; set; } = None;

        /// <summary>Under the timer's lock.</summary>
        internal void Set(long dueNs)
        {
            DueNs = dueNs;
            if (timer.Time == TimeProvider.System)
                SourceClock.Watch(this, dueNs);
            else if (dueNs != None)
                Clock.Change(TimeSpan.FromTicks(Math.Max(0, (dueNs - timer.Now + 99) / 100)), Timeout.InfiniteTimeSpan);
            else
                _clock?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        internal override void OnDue(long now) => timer.OnAlarm();

        private ITimer Clock => _clock ??= timer.Time.CreateTimer(
            static alarm => ((Alarm)alarm!).OnDue(0), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
