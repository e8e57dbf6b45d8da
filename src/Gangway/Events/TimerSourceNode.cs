// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A timer's place at a port: in the port's wheel, or with a timer of another clock.</summary>
internal sealed class TimerSourceNode : SourceNode
{
    private readonly EventTimer _timer;
    private readonly WheelNode? _wheel;
    private ITimer? _clock;

    internal TimerSourceNode(EventPort port, EventTimer timer, ulong key, BindingOptions options)
        : base(port, key, PacketKind.Timer, options)
    {
        _timer = timer;
        if (timer.Time == TimeProvider.System)
            _wheel = new WheelNode(this);
    }

    /// <summary>Nothing but a delivery takes what a timer has, so its level ends there.</summary>
    private protected override TriggerMode WordMode => Mode == TriggerMode.Level ? TriggerMode.Edge : Mode;

    /// <summary>Under the timer's lock: when it is due; <see cref="TimerNode.None"/> never.</summary>
    internal void Set(long dueNs)
    {
        if (_wheel is not null)
            Port.Watch(_wheel, dueNs);
        else if (dueNs == TimerNode.None)
            _clock?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        else
            Clock.Change(TimeSpan.FromTicks(Math.Max(0, (dueNs - _timer.Now + 99) / 100)), Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        _timer.OnUnbound(this);
        _clock?.Dispose();
        if (_wheel is not null)
            Port.Forsake(_wheel);
    }

    /// <summary>Made when it is first set, under the timer's lock: a bind that is refused makes none.</summary>
    private ITimer Clock => _clock ??= _timer.Time.CreateTimer(
        static node => ((TimerSourceNode)node!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void OnDue()
    {
        uint periods = _timer.TakeDue(this);
        if (periods == 0)
            return;
        TrySignal(0, periods);
        _timer.WakeWatches();
    }

    private sealed class WheelNode(TimerSourceNode node) : TimerNode
    {
        internal override void OnDue(long now) => node.OnDue();
    }
}
