// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>Eventfds, descriptors and epolls in the kernel.</summary>
internal sealed class KernelWorld() : EpollWorld(800)
{
    private readonly EventFd?[] _signals = new EventFd?[Signals];
    private readonly Epoll?[] _sets = new Epoll?[Sets];

    internal override int Add(int set, int source, EpollMask mask, ulong data) =>
        Call(() => Set(set).Add(Source(source), (EpollEvents)mask, data));

    internal override int Modify(int set, int source, EpollMask mask, ulong data) =>
        Call(() => Set(set).Modify(Source(source), (EpollEvents)mask, data));

    internal override int Remove(int set, int source) => Call(() => Set(set).Remove(Source(source)));

    internal override int Wait(int set, Span<EpollReport> reports, TimeSpan time)
    {
        Assert.Equal(Errno.None, Set(set).Wait(MemoryMarshal.Cast<EpollReport, EpollEvent>(reports), time.Ticks * 100, out int count));
        return count;
    }

    internal override void Signal(int source) => SignalOf(source).Signal();

    internal override void Take(int source) => SignalOf(source).Drain();

    internal override void CloseSet(int set)
    {
        _sets[set]?.Dispose();
        _sets[set] = null;
    }

    public override void Dispose()
    {
        for (int set = 0; set < Sets; set++)
            CloseSet(set);
        foreach (EventFd? signal in _signals)
            signal?.Dispose();
        base.Dispose();
    }

    private static int Call(Func<Errno> call) => (int)call();

    private EventFd SignalOf(int source)
    {
        if (_signals[source] is null)
            Assert.Equal(Errno.None, EventFd.Create(out _signals[source]));
        return _signals[source]!;
    }

    private Epoll Set(int set)
    {
        if (_sets[set] is null)
            Assert.Equal(Errno.None, Epoll.Create(out _sets[set]));
        return _sets[set]!;
    }

    private SafeHandle Source(int source) => source switch
    {
        < FirstFile => SignalOf(source),
        < FirstSet => Files[source - FirstFile],
        _ => Set(source - FirstSet),
    };
}
