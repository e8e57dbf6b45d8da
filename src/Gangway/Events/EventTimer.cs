// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A timer that may be bound to a port: it makes a packet when its time has come, and again after each period.</summary>
/// <remarks>
/// Periods that pass while its packet is not taken are counted in <see cref="Packet.Count"/>, and cost nothing.
/// <b>Threads:</b> any. <b>Cost:</b> setting one is O(1), and no thread or descriptor; with a <see cref="TimeProvider"/> other
/// than the system's, one of its timers. It comes up to a millisecond late, never early.
/// </remarks>
public sealed class EventTimer
{
    private readonly Lock _lock = new();
    private TimerSourceNode? _node;
    private long _dueNs = TimerNode.None;
    private long _periodNs;

    /// <summary>Makes a timer that is not set.</summary>
    /// <param name="time">Its clock. Default: the system's monotonic one.</param>
    public EventTimer(TimeProvider? time = null) => Time = time ?? TimeProvider.System;

    internal TimeProvider Time { get; }

    /// <summary>Sets it, whatever it was set to before.</summary>
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
            _dueNs = Now + Math.Max(0, due.Ticks) * TimeSpan.NanosecondsPerTick;
            _periodNs = period.Ticks * TimeSpan.NanosecondsPerTick;
            _node?.Set(_dueNs);
        }
    }

    /// <summary>It does not come any more. A packet that is queued already stays.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _dueNs = TimerNode.None;
            _node?.Set(TimerNode.None);
        }
    }

    internal long Now => Time == TimeProvider.System
        ? Deadline.Now
        : (long)(Time.GetTimestamp() * (1e9 / Time.TimestampFrequency));

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
            long now = Now;
            if (_node != node)
                return 0;
            if (_dueNs > now)
            {
                node.Set(_dueNs);
                return 0;
            }

            long periods = _periodNs == 0 ? 1 : (now - _dueNs) / _periodNs + 1;
            _dueNs = _periodNs == 0 ? TimerNode.None : _dueNs + periods * _periodNs;
            node.Set(_dueNs);
            return (uint)Math.Min(periods, uint.MaxValue);
        }
    }
}
