// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Tests;

/// <summary>Eventfds, descriptors, epolls and a timerfd in the kernel; a port is an epoll with eventfds, an edge for each packet.</summary>
internal sealed class KernelWorld() : EpollWorld(800)
{
    private readonly EventFd?[] _signals = new EventFd?[Signals];
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const int TimerFlags = 0x80800; // TFD_NONBLOCK | TFD_CLOEXEC

    private readonly Epoll?[] _sets = new Epoll?[Sets];
    private readonly Epoll?[] _ports = new Epoll?[Ports];
    private readonly EventFd[,] _packets = new EventFd[Ports, PacketsPerPort];
    private SafeFileHandle? _timer;

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

    internal override void SetTimer(bool isLater, bool isPeriodic)
    {
        // The period, then the first time: seconds and nanoseconds each.
        long[] times = [isPeriodic ? 3600 : 0, 0, isLater ? 3600 : 0, isLater ? 0 : 1];
        Assert.Equal(0, timerfd_settime(Timer, 0, times, 0));

        // A descriptor's number, POLLIN, and no room for anything else in what is asked.
        if (!isLater)
            // Again where a signal of the runtime ends it.
            while (poll([(long)Timer.DangerousGetHandle() | 1L << 32], 1, -1) != 1)
            {
            }
    }

    internal override int TakeTimer()
    {
        long[] count = [0];
        return read(Timer, count, sizeof(long)) == sizeof(long) ? (int)count[0] : 0;
    }

    private protected override void Post(int port, int packet)
    {
        Port(port);
        _packets[port, packet].Signal();
    }

    private protected override int TakeNext(int port)
    {
        var events = new EpollEvent[1];
        Assert.Equal(Errno.None, Port(port).Wait(events, 0, out int count));
        return count == 0 ? -1 : (int)events[0].Data;
    }

    private SafeFileHandle Timer => _timer ??= new SafeFileHandle(timerfd_create(Monotonic, TimerFlags), ownsHandle: true);

    private Epoll Port(int port)
    {
        if (_ports[port] is { } made)
            return made;
        Assert.Equal(Errno.None, Epoll.Create(out _ports[port]));
        for (int i = 0; i < PacketsPerPort; i++)
        {
            Assert.Equal(Errno.None, EventFd.Create(out EventFd? packet));
            _packets[port, i] = packet!;
            Assert.Equal(Errno.None, _ports[port]!.Add(packet!, EpollEvents.In | EpollEvents.Edge, (ulong)i));
        }

        return _ports[port]!;
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
        foreach (EventFd? signal in _signals)
            signal?.Dispose();
        foreach (Epoll? port in _ports)
            port?.Dispose();
        foreach (EventFd? packet in _packets)
            packet?.Dispose();
        _timer?.Dispose();
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
        < FirstTimer => Set(source - FirstSet),
        FirstTimer => Timer,
        _ => Port(source - FirstPort),
    };

    [DllImport("libc", SetLastError = true)]
    private static extern nint timerfd_create(int clock, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int timerfd_settime(SafeHandle timer, int flags, long[] times, nint before);

    [DllImport("libc")]
    private static extern int poll(long[] descriptors, nuint count, int milliseconds);

    [DllImport("libc")]
    private static extern nint read(SafeHandle timer, long[] count, nint bytes);
}
