// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Notifications, descriptors, sets, a timer and ports in an <see cref="EpollSet"/>.</summary>
internal sealed class GangwayWorld(bool portsUseKernel = false) : EpollWorld(700)
{
    private readonly ManualTime _time = new();
    private readonly EventPort?[] _ports = new EventPort?[Ports];
    private readonly Notification[,] _packets = new Notification[Ports, PacketsPerPort];
    private EventTimer? _timer;
    private readonly Notification[] _signals = [.. Enumerable.Range(0, Signals).Select(static _ => new Notification())];
    private readonly EpollSet?[] _sets = new EpollSet?[Sets];

    internal EpollSet Set(int set) => _sets[set] ??= new EpollSet();

    internal Notification Notification(int source) => _signals[source];

    internal override int Add(int set, int source, EpollMask mask, ulong data) => (int)(source switch
    {
        < FirstFile => Set(set).Add(_signals[source], mask, data),
        < FirstSet => Set(set).Add(Files[source - FirstFile], mask, data),
        < FirstTimer => Set(set).Add(Set(source - FirstSet), mask, data),
        FirstTimer => Set(set).Add(Timer, mask, data),
        _ => Set(set).Add(Port(source - FirstPort), mask, data),
    });

    internal override int Modify(int set, int source, EpollMask mask, ulong data) => (int)(source switch
    {
        < FirstFile => Set(set).Modify(_signals[source], mask, data),
        < FirstSet => Set(set).Modify(Files[source - FirstFile], mask, data),
        < FirstTimer => Set(set).Modify(Set(source - FirstSet), mask, data),
        FirstTimer => Set(set).Modify(Timer, mask, data),
        _ => Set(set).Modify(Port(source - FirstPort), mask, data),
    });

    internal override int Remove(int set, int source) => (int)(source switch
    {
        < FirstFile => Set(set).Remove(_signals[source]),
        < FirstSet => Set(set).Remove(Files[source - FirstFile]),
        < FirstTimer => Set(set).Remove(Set(source - FirstSet)),
        FirstTimer => Set(set).Remove(Timer),
        _ => Set(set).Remove(Port(source - FirstPort)),
    });

    internal override int Wait(int set, Span<EpollReport> reports, TimeSpan time) =>
        time == TimeSpan.Zero ? Set(set).Poll(reports) : Set(set).Wait(reports, Deadline.After(time));

    internal override int Parked(int set) => (int)Insides.Field(Insides.Field(Set(set), "_parked"), "_count");

    internal override void Signal(int source) => _signals[source].Signal();

    internal override void Take(int source) => _signals[source].Poll();

    internal override void SetTimer(bool isLater, bool isPeriodic)
    {
        Timer.Set(isLater ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(1), isPeriodic ? TimeSpan.FromHours(1) : default);
        _time.Advance(1);
    }

    internal override int TakeTimer() => (int)Timer.Poll();

    private protected override void Post(int port, int packet)
    {
        Port(port);
        _packets[port, packet].Signal();
    }

    private protected override int TakeNext(int port) => Port(port).TryWait(out Packet packet) ? (int)packet.Key : -1;

    private EventTimer Timer => _timer ??= new EventTimer(_time);

    private EventPort Port(int port)
    {
        if (_ports[port] is { } made)
            return made;
        EventPort one = _ports[port] = Tests.Ports.Make(portsUseKernel);
        for (int i = 0; i < PacketsPerPort; i++)
            one.Bind(_packets[port, i] = new Notification(), (ulong)i, Tests.Ports.Edge);
        return one;
    }

    internal override void CloseSet(int set)
    {
        _sets[set]?.Dispose();
        _sets[set] = null;
    }

    public override void Dispose()
    {
        for (int set = 0; set < Sets; set++)
            CloseSet(set);
        foreach (EventPort? port in _ports)
            port?.Dispose();
        base.Dispose();
    }
}
