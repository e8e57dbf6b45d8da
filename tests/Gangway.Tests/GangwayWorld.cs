// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Notifications, descriptors and sets in an <see cref="EpollSet"/>.</summary>
internal sealed class GangwayWorld() : EpollWorld(700)
{
    private readonly Notification[] _signals = [.. Enumerable.Range(0, Signals).Select(static _ => new Notification())];
    private readonly EpollSet?[] _sets = new EpollSet?[Sets];

    internal EpollSet Set(int set) => _sets[set] ??= new EpollSet();

    internal Notification Notification(int source) => _signals[source];

    internal override int Add(int set, int source, EpollMask mask, ulong data) => (int)(source switch
    {
        < FirstFile => Set(set).Add(_signals[source], mask, data),
        < FirstSet => Set(set).Add(Files[source - FirstFile], mask, data),
        _ => Set(set).Add(Set(source - FirstSet), mask, data),
    });

    internal override int Modify(int set, int source, EpollMask mask, ulong data) => (int)(source switch
    {
        < FirstFile => Set(set).Modify(_signals[source], mask, data),
        < FirstSet => Set(set).Modify(Files[source - FirstFile], mask, data),
        _ => Set(set).Modify(Set(source - FirstSet), mask, data),
    });

    internal override int Remove(int set, int source) => (int)(source switch
    {
        < FirstFile => Set(set).Remove(_signals[source]),
        < FirstSet => Set(set).Remove(Files[source - FirstFile]),
        _ => Set(set).Remove(Set(source - FirstSet)),
    });

    internal override int Wait(int set, Span<EpollReport> reports, TimeSpan time) =>
        time == TimeSpan.Zero ? Set(set).Poll(reports) : Set(set).Wait(reports, Deadline.After(time));

    internal override int Parked(int set) => (int)Insides.Field(Insides.Field(Set(set), "_parked"), "_count");

    internal override void Signal(int source) => _signals[source].Signal();

    internal override void Take(int source) => _signals[source].Poll();

    internal override void CloseSet(int set)
    {
        _sets[set]?.Dispose();
        _sets[set] = null;
    }

    public override void Dispose()
    {
        for (int set = 0; set < Sets; set++)
            CloseSet(set);
        base.Dispose();
    }
}
