// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Platform;
using Gangway.Testing;
using Xunit;

namespace Gangway.Tests;

/// <summary>What sends an operation from the loop's thread to its strand, and back.</summary>
public sealed class OperationSpeedsTests
{
    private const uint Operation = 7;

    private OperationSpeeds _speeds = new();

    [Fact]
    [Rule("DI-04")]
    public void Run_OfFiftyMicrosecondsTwiceRunning_IsSlow()
    {
        Run(static () => Spin(200));
        Assert.True(_speeds.IsFast(Operation));
        Watchdog.Until(() => !Run(static () => Spin(200)), "a spinning handler being found"); // Unless it was preempted.

        for (int i = 0; i < OperationSpeeds.FastRunsToForgive - 1; i++)
            _speeds.NoteOnStrand(Operation, 1000);
        Assert.False(_speeds.IsFast(Operation));
        _speeds.NoteOnStrand(Operation, 1000);
        Assert.True(_speeds.IsFast(Operation));
    }

    [Fact]
    [Rule("DI-04")]
    public void Run_ThatSleeps_IsSlow()
    {
        Run(static () => Thread.Sleep(0));
        Run(static () => Thread.Sleep(1));
        Assert.False(Run(static () => Thread.Sleep(1)));
    }

    [Fact]
    [Rule("DI-04")]
    public void Run_OfAMillisecondOnce_IsSlow()
    {
        Assert.False(Run(static () => Thread.Sleep(2)));
        Assert.True(_speeds.IsFast(Operation + 1));
    }

    // Another thread on the same processor takes it for milliseconds, again and again.
    [Fact]
    [Rule("DI-04")]
    public void Run_ThatIsPreempted_IsNotSlow()
    {
        const int Preempted = 50;
        bool isDone = false;
        int cpu = Scheduler.CurrentCpu();
        var rival = new Thread(() =>
        {
            _ = Scheduler.PinCurrentThread(cpu);
            while (!Volatile.Read(ref isDone))
            {
            }
        })
        { IsBackground = true };
        int found = 0;
        int preempted = 0;
        int runs = 0;
        Errno pinned = Errno.None;
        var loop = new Thread(() =>
        {
            pinned = Scheduler.PinCurrentThread(cpu);
            while (preempted < Preempted)
            {
                long before = Stopwatch.GetTimestamp();
                if (runs++ % 16 == 0)
                    _speeds = new OperationSpeeds(); // Whose first sixteen runs are all timed.
                if (!Run(static () => Spin(20)))
                {
                    found++;
                    _speeds = new OperationSpeeds();
                }

                if (Stopwatch.GetElapsedTime(before).TotalMicroseconds > 200)
                    preempted++;
            }
        })
        { IsBackground = true };
        rival.Start();
        loop.Start();
        Watchdog.Join(loop);
        isDone = true;
        rival.Join();

        Assert.Equal(Errno.None, pinned);
        Assert.InRange(found, 0, Preempted / 10);
    }

    private static void Spin(int microseconds)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds)
        {
        }
    }

    private bool Run(Action handler)
    {
        long tick = TakeoverMonitor.LastTick;
        long started = _speeds.BeginInline(Operation, tick);
        handler();
        _speeds.EndInline(Operation, started, tick, lostLoop: false);
        return _speeds.IsFast(Operation);
    }
}
