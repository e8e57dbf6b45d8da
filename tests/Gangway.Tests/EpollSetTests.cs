// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>What an <see cref="EpollSet"/> is beside what the kernel's epoll is.</summary>
public sealed class EpollSetTests(ITestOutputHelper output)
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;

    [Fact]
    public void Sources_WithoutDescriptors_UseNone()
    {
        ProcessAccounting before = ProcessAccounting.Take();
        using EpollSet outer = new(), inner = new();
        outer.Add(inner, In, 1);
        inner.Add(new Notification(), In, 2);
        Assert.Equal(0, outer.Poll(new EpollReport[1]));
        before.AssertNothingLeft();
    }

    [Fact]
    public void Descriptors_OnceDisposed_AreGivenBack()
    {
        ProcessAccounting before = ProcessAccounting.Take();
        using (var pipe = new Pipe())
        using (EpollSet outer = new(), inner = new())
        {
            outer.Add(inner, In, 1);
            Assert.Equal(EpollStatus.Ok, inner.Add(pipe.Reader, In, 2));
            pipe.Write();
            Assert.Equal(1, outer.Poll(new EpollReport[1]));
        }

        before.AssertNothingLeft();
    }

    // A port takes what is pending; the set hears of both.
    [Fact]
    public void Notification_BoundToAPort_IsInSetsAsWell()
    {
        using EventPort port = Ports.Make(false);
        using var set = new EpollSet();
        var source = new Notification();
        set.Add(source, In | EpollMask.Writable | Edge, 1);
        Assert.Equal("1:4", Poll(set));
        Binding binding = port.Bind(source, 7);
        Assert.Equal("", Poll(set));
        source.Signal();
        Assert.Equal("1:5", Poll(set));
        Assert.True(port.TryWait(out _));
        Assert.Equal("1:4", Poll(set));
        source.Signal();
        Assert.Equal("1:5", Poll(set));
        binding.Dispose();

        // What moved from one place to another is pending again.
        Assert.Equal("1:5", Poll(set));
        Assert.Equal("", Poll(set));
        Assert.False(source.Poll().IsEmpty);
    }

    // Both halves are full: each gets its turn, with one place too.
    [Rule("RD-03")]
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Level_DescriptorsAndSourcesWithFewPlaces_AllGetTheirTurn(int places)
    {
        using var set = new EpollSet();
        Pipe[] pipes = [new Pipe(), new Pipe(), new Pipe()];
        Notification[] sources = [new Notification(), new Notification(), new Notification()];
        for (int i = 0; i < 3; i++)
        {
            set.Add(pipes[i].Reader, In, (ulong)i);
            set.Add(sources[i], In, 3 + (ulong)i);
            pipes[i].Write();
            sources[i].Signal();
        }

        int[] seen = new int[6];
        var reports = new EpollReport[places];
        for (int round = 0; round < 60; round++)
        {
            foreach (EpollReport report in reports.AsSpan(0, set.Poll(reports)))
                seen[report.Data]++;
        }

        output.WriteLine(string.Join(' ', seen));
        Assert.All(seen, count => Assert.InRange(count, 60 * places / 12, 60 * places / 3));
        foreach (Pipe pipe in pipes)
            pipe.Dispose();
    }

    // When the sources' turn comes first, what is level-triggered is in the list again before the wait is over.
    [Rule("RD-03")]
    [Fact]
    public void Level_RoomForAllBehindAWaitWithOnePlace_IsReportedOnce()
    {
        using var set = new EpollSet();
        using var pipe = new Pipe();
        var source = new Notification();
        set.Add(pipe.Reader, In, 1);
        set.Add(source, In, 2);
        pipe.Write();
        source.Signal();
        Assert.Equal(1, set.Poll(new EpollReport[1]));
        Assert.Equal("2:1 1:1", Poll(set));
    }

    // A wake-up that nobody needed any more lies in the kernel half, in front of the descriptors.
    [Rule("RD-03")]
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Wait_BellRungForNobody_TakesNoPlaceFromADescriptor(int places)
    {
        using EpollSet set = new(), inner = new();
        using Pipe pipe = new(), innerPipe = new();
        set.Add(inner, EpollMask.None, 3);
        inner.Add(innerPipe.Reader, In, 4);
        set.Add(pipe.Reader, In, 1);
        object kernel = Insides.Field(set, "_kernel");
        for (int round = 0; round < 3; round++)
        {
            ((Platform.EventFd)Insides.Field(kernel, "_bell")).Signal();
            innerPipe.Write();
            set.Modify(inner, In | Edge, 3);
            pipe.Write();
            var seen = new List<ulong>();
            var reports = new EpollReport[places];
            for (int waits = 0; waits < 2 && seen.Count < 2; waits++)
                seen.AddRange(reports[..set.Poll(reports)].Select(static report => report.Data));
            Assert.Contains(1ul, seen);
            Assert.Contains(3ul, seen);
        }
    }

    // A set that is changed and never waited for keeps nothing of what left it.
    [Fact]
    public void Remove_WhatIsReady_LeavesNothingInTheList()
    {
        using var set = new EpollSet();
        var source = new Notification();
        source.Signal();
        for (int i = 0; i < 1_000; i++)
        {
            set.Add(source, In, 1);
            source.Signal();
            set.Remove(source);
        }

        Assert.True(((ReadyList)Insides.Field(set, "_ready")).IsEmpty);
    }

    // A new thread each round, as the first wait of a thread makes its private word.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SignalAndWait_OnceWarm_AllocateNothing(bool hasDescriptor)
    {
        using EpollSet set = new(), back = new();
        using var pipe = new Pipe();
        if (hasDescriptor)
            set.Add(pipe.Reader, In, 9);
        Notification there = new(), here = new();
        set.Add(there, In, 1);
        back.Add(here, In | Edge, 2);
        bool isOver = false;
        var echo = new Thread(() =>
        {
            var reports = new EpollReport[4];
            while (!Volatile.Read(ref isOver))
            {
                set.Wait(reports);
                there.Poll();
                here.Signal();
            }
        });
        echo.Start();
        int count = TestLevel.Pick(2_000, 10_000, 500_000);
        Watchdog.Run(() => Do(count / 4));
        long callerLeast = long.MaxValue, least = long.MaxValue;
        for (int round = 0; round < 8 && (least > count / 100 || callerLeast > 0); round++)
        {
            (long caller, long process) = Watchdog.Run(() =>
            {
                new Notification().Wait(Deadline.After(TimeSpan.Zero));
                Do(1);
                long processBefore = GC.GetTotalAllocatedBytes(precise: true);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Do(count);
                return (GC.GetAllocatedBytesForCurrentThread() - before, GC.GetTotalAllocatedBytes(precise: true) - processBefore);
            });
            output.WriteLine($"{count} rounds: caller {caller} bytes, process {process}");
            callerLeast = Math.Min(callerLeast, caller);
            least = Math.Min(least, process);
        }

        Volatile.Write(ref isOver, true);
        there.Signal();
        Watchdog.Join(echo);
        Assert.InRange(callerLeast, 0, 64);
        Assert.True((double)least / count < 0.2, $"{(double)least / count:0.000} bytes each");

        void Do(int rounds)
        {
            Span<EpollReport> reports = stackalloc EpollReport[2];
            for (int i = 0; i < rounds; i++)
            {
                there.Signal(1);
                while (here.Poll().IsEmpty)
                    back.Wait(reports);
            }
        }
    }

    private static string Poll(EpollSet set)
    {
        var reports = new EpollReport[8];
        return EpollWorld.Text(reports.AsSpan(0, set.Poll(reports)));
    }
}
