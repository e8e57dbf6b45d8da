// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Platform.Tests;

public sealed class ThreadUsageTests
{
    [Fact]
    public void Read_AfterWork_HasItsTimeAndNoSleep()
    {
        var worked = new Sleeper<ThreadUsage>(static () =>
        {
            ThreadUsage before = ThreadUsage.Read();
            while (ThreadUsage.Read().CpuNs - before.CpuNs < 20_000_000)
            {
            }

            return Since(before);
        });

        Assert.InRange(worked.Result().CpuNs, 20_000_000, 25_000_000);
    }

    [Fact]
    public void Read_AfterSleeps_CountsThemAndNoTime()
    {
        var slept = new Sleeper<ThreadUsage>(static () =>
        {
            ThreadUsage before = ThreadUsage.Read();
            for (int i = 0; i < 10; i++)
                Thread.Sleep(2);
            return Since(before);
        });

        ThreadUsage usage = slept.Result();
        Assert.InRange(usage.Sleeps, 10, 20);
        Assert.InRange(usage.CpuNs, 1, 10_000_000);
    }

    // Two threads on one processor: what one has, the other has not, and neither sleeps.
    [Fact]
    public void Read_OfAThreadThatSharesItsProcessor_HasAPart()
    {
        bool isDone = false;
        var rival = new Sleeper<int>(() =>
        {
            Assert.Equal(Errno.None, Scheduler.PinCurrentThread(0));
            while (!Volatile.Read(ref isDone))
            {
            }

            return 0;
        });
        var shared = new Sleeper<(ThreadUsage Usage, long Elapsed)>(static () =>
        {
            Assert.Equal(Errno.None, Scheduler.PinCurrentThread(0));
            ThreadUsage before = ThreadUsage.Read();
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 200)
            {
            }

            return (Since(before), Stopwatch.GetTimestamp() - start);
        });

        (ThreadUsage usage, long elapsed) = shared.Result();
        Volatile.Write(ref isDone, true);
        rival.Result();
        Assert.InRange(usage.CpuNs, 1, elapsed * 3 / 4);
        Assert.InRange(usage.Sleeps, 0, 5);
    }

    private static ThreadUsage Since(ThreadUsage before)
    {
        ThreadUsage now = ThreadUsage.Read();
        return new ThreadUsage(now.CpuNs - before.CpuNs, now.Sleeps - before.Sleeps);
    }
}
