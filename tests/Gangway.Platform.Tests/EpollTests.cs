// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Platform.Tests;

public sealed class EpollTests : IDisposable
{
    private const long Millisecond = 1_000_000;

    private readonly Epoll _epoll = Made.Epoll();
    private readonly EventFd _source = Made.EventFd();
    private readonly bool _hadNanosecondWait = Epoll.HasNanosecondWait;

    public void Dispose()
    {
        Epoll.HasNanosecondWait = _hadNanosecondWait;
        _source.Dispose();
        _epoll.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_ManySources_KeepsEachOnesData(bool nanoseconds)
    {
        Epoll.HasNanosecondWait = nanoseconds;
        EventFd[] sources = [.. Enumerable.Range(0, 7).Select(_ => Made.EventFd())];
        for (int i = 0; i < sources.Length; i++)
        {
            Assert.Equal(Errno.None, _epoll.Add(sources[i], EpollEvents.In, Data(i)));
            Assert.Equal(Errno.None, sources[i].Signal());
        }

        EpollEvent[] events = new EpollEvent[8];
        events[7] = new EpollEvent(EpollEvents.Hup, 99);
        Assert.Equal(Errno.None, _epoll.Wait(events, 0, out int count));

        Assert.Equal(7, count);
        Assert.Equal(Enumerable.Range(0, 7).Select(Data).Order(), events[..7].Select(e => e.Data).Order());
        Assert.All(events[..7], e => Assert.Equal(EpollEvents.In, e.Events));
        Assert.Equal((EpollEvents.Hup, 99ul), (events[7].Events, events[7].Data));
        foreach (EventFd source in sources)
            source.Dispose();

        static ulong Data(int i) => 0xfedc_ba98_0000_0000ul + ((ulong)i * 0x0001_0000_0001ul);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_NothingReady_TimesOutNotBeforeTheTime(bool nanoseconds)
    {
        Epoll.HasNanosecondWait = nanoseconds;
        EpollEvent[] events = new EpollEvent[1];
        Assert.Equal((Errno.None, 0), (_epoll.Wait(events, 0, out int count), count));

        long start = Stopwatch.GetTimestamp();
        Assert.Equal((Errno.None, 0), (_epoll.Wait(events, (10 * Millisecond) + 1, out count), count));
        Assert.True(Stopwatch.GetTimestamp() - start > 10 * Millisecond);
    }

    [Fact]
    public void Wait_KernelWithoutNanoseconds_RoundsUp()
    {
        // Rounded down it would not sleep at all, and a loop that waits for a short time would spin.
        Epoll.HasNanosecondWait = false;
        long start = Stopwatch.GetTimestamp();
        Assert.Equal((Errno.None, 0), (_epoll.Wait(new EpollEvent[1], 1, out int count), count));
        Assert.True(Stopwatch.GetTimestamp() - start >= Millisecond);
    }

    [Theory]
    [InlineData(false, -1)]
    [InlineData(true, -1)]
    [InlineData(false, long.MaxValue)]
    [InlineData(true, long.MaxValue)]
    public void Wait_Asleep_IsWokenByASource(bool nanoseconds, long timeoutNs)
    {
        Epoll.HasNanosecondWait = nanoseconds;
        Assert.Equal(Errno.None, _epoll.Add(_source, EpollEvents.In, 5));
        var sleeper = new Sleeper<ulong>(() =>
        {
            EpollEvent[] events = new EpollEvent[1];
            Assert.Equal((Errno.None, 1), (_epoll.Wait(events, timeoutNs, out int count), count));
            return events[0].Data;
        });
        sleeper.WaitUntilAsleepIn([Syscall.SYS_epoll_pwait2, .. BlockingCalls.EpollWait]);

        _source.Signal();

        Assert.Equal(5ul, sleeper.Result());
    }

    [Fact]
    public void Wait_InterruptedByASignal_ReturnsNothing()
    {
        using var signal = new HandledSignal();
        var sleeper = new Sleeper<(Errno, int)>(() => (_epoll.Wait(new EpollEvent[1], -1, out int count), count));
        sleeper.WaitUntilAsleepIn(Syscall.SYS_epoll_pwait2);

        sleeper.Interrupt();

        Assert.Equal((Errno.None, 0), sleeper.Result());
    }

    [Fact]
    public void Wait_NoRoom_IsAnError() => Assert.Equal(Errno.EINVAL, _epoll.Wait([], 0, out _));

    [Fact]
    public void Registration_WrongState_AnswersWithAnError()
    {
        Assert.Equal(Errno.ENOENT, _epoll.Modify(_source, EpollEvents.In, 0));
        Assert.Equal(Errno.ENOENT, _epoll.Remove(_source));
        Assert.Equal(Errno.None, _epoll.Add(_source, EpollEvents.In, 0));
        Assert.Equal(Errno.EEXIST, _epoll.Add(_source, EpollEvents.In, 0));
        Assert.Equal(Errno.EINVAL, _epoll.Add(_epoll, EpollEvents.In, 0));
        Assert.Equal(Errno.None, Files.OpenDirectory("/", create: false, 0, out FileDescriptor? directory));
        using (directory)
            Assert.Equal(Errno.EPERM, _epoll.Add(directory!, EpollEvents.In, 0));
    }

    [Fact]
    public void Registration_Modified_ChangesDataAndInterest()
    {
        Assert.Equal(Errno.None, _epoll.Add(_source, EpollEvents.In, 1));
        _source.Signal();
        Assert.Equal([(EpollEvents.In, 1ul)], Reports());

        Assert.Equal(Errno.None, _epoll.Modify(_source, EpollEvents.Out, 2));
        Assert.Equal([(EpollEvents.Out, 2ul)], Reports());

        Assert.Equal(Errno.None, _epoll.Remove(_source));
        Assert.Empty(Reports());
    }

    [Fact]
    public void Registration_Modes_ReportAsTheySay()
    {
        _source.Signal();
        Assert.Equal(Errno.None, _epoll.Add(_source, EpollEvents.In | EpollEvents.Edge, 1));
        Assert.Single(Reports());
        Assert.Empty(Reports());

        Assert.Equal(Errno.None, _epoll.Modify(_source, EpollEvents.In | EpollEvents.OneShot, 1));
        Assert.Single(Reports());
        _source.Signal();
        Assert.Empty(Reports());

        Assert.Equal(Errno.None, _epoll.Remove(_source));
        Assert.Equal(Errno.None, _epoll.Add(_source, EpollEvents.In | EpollEvents.Exclusive, 1));
        Assert.Equal(Errno.EINVAL, _epoll.Modify(_source, EpollEvents.In | EpollEvents.Exclusive, 1));
        Assert.Single(Reports());
    }

    [Fact]
    public void Registration_OfASocketWhosePeerLeft_ReportsTheHangUp()
    {
        using var pair = new SocketPair();
        Assert.Equal(Errno.None, _epoll.Add(pair.Server, EpollEvents.In | EpollEvents.RdHup, 3));
        Assert.Empty(Reports());

        pair.Client.Dispose();

        Assert.Equal([(EpollEvents.In | EpollEvents.RdHup | EpollEvents.Hup, 3ul)], Reports());
    }

    private (EpollEvents, ulong)[] Reports()
    {
        EpollEvent[] events = new EpollEvent[4];
        Assert.Equal(Errno.None, _epoll.Wait(events, 0, out int count));
        return [.. events[..count].Select(e => (e.Events, e.Data))];
    }
}
