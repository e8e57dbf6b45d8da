// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Many threads: nothing is lost, and what is to be reported once is.</summary>
public sealed class EpollSetStressTests
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge, OneShot = EpollMask.OneShot;

    /// <summary>Whether the set has a descriptor too: its waiters sleep elsewhere then.</summary>
    public static TheoryData<bool> Kinds => [false, true];

    // Each signaller waits until its signals were taken, so a wake-up that is lost stops it for ever.
    [Rule("RD-02")]
    [Theory, MemberData(nameof(Kinds))]
    public void Edge_SignalledByMany_IsNeverLost(bool hasDescriptor)
    {
        const int Signallers = 3, Waiters = 3;
        using EpollSet set = Make(hasDescriptor, out Pipe? pipe);
        using Pipe? used = pipe;
        Notification[] sources = [.. Enumerable.Range(0, Signallers).Select(static _ => new Notification())];
        Notification[] taken = [.. Enumerable.Range(0, Signallers).Select(static _ => new Notification())];
        Notification end = new();
        for (int i = 0; i < Signallers; i++)
            set.Add(sources[i], In | Edge, (ulong)i);
        set.Add(end, In, Signallers);
        int rounds = TestLevel.Pick(1_000, 5_000, 500_000), left = Signallers;
        Threads.Run(Signallers + Waiters, number =>
        {
            if (number < Signallers)
            {
                for (int round = 0; round < rounds; round++)
                {
                    sources[number].Signal(1);
                    Assert.False(taken[number].Wait(Deadline.After(Watchdog.Bound)).IsEmpty, $"signal {round} was lost");
                }

                if (Interlocked.Decrement(ref left) == 0)
                    end.Signal();
                return;
            }

            // One place for some, so that they leave something for others.
            var reports = new EpollReport[number == Signallers ? 4 : 1];
            while (true)
            {
                foreach (EpollReport report in reports.AsSpan(0, set.Wait(reports, Deadline.After(Watchdog.Bound * 2))))
                {
                    if (report.Data == Signallers)
                        return;
                    if (!sources[report.Data].Poll().IsEmpty)
                        taken[report.Data].Signal();
                }
            }
        });
    }

    // Who is told of it is alone with it until it is armed again.
    [Rule("RD-04")]
    [Theory, MemberData(nameof(Kinds))]
    public void OneShot_SignalledByMany_IsReportedOnceForEachModify(bool hasDescriptor)
    {
        const int Sources = 4, Signallers = 2, Waiters = 3;
        using EpollSet set = Make(hasDescriptor, out Pipe? pipe);
        using Pipe? used = pipe;
        Notification[] sources = [.. Enumerable.Range(0, Sources).Select(static _ => new Notification())];
        Notification end = new();
        int[] holders = new int[Sources];
        long reported = 0, signals = 0, counted = 0;
        for (int i = 0; i < Sources; i++)
            set.Add(sources[i], In | OneShot, (ulong)i);
        set.Add(end, In, Sources);
        int rounds = TestLevel.Pick(2_000, 20_000, 2_000_000), left = Signallers;
        Threads.Run(Signallers + Waiters, number =>
        {
            if (number < Signallers)
            {
                for (int round = 0; round < rounds; round++)
                {
                    sources[round % Sources].Signal();
                    Interlocked.Increment(ref signals);
                }

                if (Interlocked.Decrement(ref left) != 0)
                    return;
                Watchdog.Until(() => Volatile.Read(ref counted) == Volatile.Read(ref signals), "all signals to be taken");
                end.Signal();
                return;
            }

            var reports = new EpollReport[2];
            while (true)
            {
                foreach (EpollReport report in reports.AsSpan(0, set.Wait(reports, Deadline.After(Watchdog.Bound * 2))))
                {
                    if (report.Data == Sources)
                        return;
                    int source = (int)report.Data;
                    Assert.Equal(1, Interlocked.Increment(ref holders[source]));
                    Interlocked.Increment(ref reported);
                    Interlocked.Add(ref counted, sources[source].Poll().Count);
                    Interlocked.Decrement(ref holders[source]);
                    Assert.Equal(EpollStatus.Ok, set.Modify(sources[source], In | OneShot, report.Data));
                }
            }
        });
        Assert.InRange(reported, 1, signals);
    }

    // Add, modify and remove beside signals and waits: the list stays whole, and what is there at the end is reported.
    [Theory, MemberData(nameof(Kinds))]
    public void Changes_BesideSignalsAndWaits_LeaveTheSetWhole(bool hasDescriptor)
    {
        const int Sources = 8;
        using EpollSet set = Make(hasDescriptor, out Pipe? pipe), outer = new();
        using Pipe? used = pipe;
        outer.Add(set, In, 1);
        Notification[] sources = [.. Enumerable.Range(0, Sources).Select(static _ => new Notification())];
        int rounds = TestLevel.Pick(2_000, 10_000, 1_000_000), left = 3;
        Threads.Run(6, number =>
        {
            var random = new Random(number);
            var reports = new EpollReport[3];
            if (number < 3)
            {
                for (int round = 0; round < rounds; round++)
                {
                    Notification source = sources[random.Next(Sources)];
                    switch (number)
                    {
                        case 0:
                            source.Signal();
                            break;
                        case 1:
                            set.Add(source, In | (random.Next(2) == 0 ? Edge : OneShot), 1);
                            set.Modify(source, In, 1);
                            break;
                        default:
                            set.Remove(source);
                            source.Poll();
                            break;
                    }
                }

                Interlocked.Decrement(ref left);
                return;
            }

            while (Volatile.Read(ref left) != 0)
                (number == 5 ? outer : set).Wait(reports, Deadline.After(TimeSpan.FromMilliseconds(1)));
        });
        for (int i = 0; i < Sources; i++)
        {
            set.Remove(sources[i]);
            sources[i].Poll();
        }

        Assert.Equal(0, set.Poll(new EpollReport[Sources]));
        for (int i = 0; i < Sources; i++)
        {
            Assert.Equal(EpollStatus.Ok, set.Add(sources[i], In, (ulong)i));
            sources[i].Signal();
        }

        Assert.Equal(1, outer.Poll(new EpollReport[Sources]));
        Assert.Equal(Sources, set.Poll(new EpollReport[2 * Sources]));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Dispose_WhileManySleep_EndsAllWaits(bool hasDescriptor)
    {
        using EpollWorld world = EpollWorld.Make("gangway");
        world.Add(0, hasDescriptor ? EpollWorld.FirstFile : 0, In, 1);
        EpollWaiter[] waiters = [.. Enumerable.Range(0, 4).Select(_ => EpollWaiter.Asleep(world, 0))];
        world.CloseSet(0);
        Assert.All(waiters, static waiter => Assert.Equal(EpollWaiter.Disposed, waiter.Reports()));
    }

    private static EpollSet Make(bool hasDescriptor, out Pipe? pipe)
    {
        var set = new EpollSet();
        pipe = hasDescriptor ? new Pipe() : null;
        if (pipe is not null)
            Assert.Equal(EpollStatus.Ok, set.Add(pipe.Reader, In, 99));
        return set;
    }
}
