// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The cases of <see cref="EpollCases"/> that are about any source: on eventfds in the kernel, on notifications here.</summary>
public sealed class EpollSourceCases
{
    private const EpollMask In = EpollMask.Readable, Out = EpollMask.Writable, Edge = EpollMask.Edge, OneShot = EpollMask.OneShot;

    public static TheoryData<string> Worlds => EpollWorld.Names;

    // gVisor AllWritable; LTP epoll_wait04 and 13: quiet ones say nothing.
    [Rule("RD-03")]
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_AllWritable_GivesAllOfThemEachTime(string name)
    {
        using EpollWorld world = Of(name, Out, Out, In);
        Assert.Equal("0:4 1:4", world.Poll(0));
        Assert.Equal("0:4 1:4", world.Poll(0));
        Assert.Equal("0:4", world.Poll(0, places: 1));
    }

    // LTP epoll_wait13 and 14: no more than there are places, and each in its turn.
    [Rule("RD-03")]
    [Theory, MemberData(nameof(Worlds))]
    public void Level_MoreThanPlaces_Rotates(string name)
    {
        using EpollWorld world = Of(name, In, In, In);
        for (int source = 0; source < 3; source++)
            world.Signal(source);
        Assert.Equal(["0:1 1:1", "2:1 0:1", "1:1 2:1", "0:1 1:1"], Enumerable.Range(0, 4).Select(_ => world.Poll(0, places: 2)));
        Assert.Equal("2:1", world.Poll(0, places: 1));
    }

    // gVisor EdgeTriggered; Gramine: tokio signals an eventfd and never reads it. The reference: five writes are five events,
    // or one, by when somebody waits.
    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_EachWakeUp_IsOneEventThoughUndrained(string name)
    {
        using EpollWorld world = Of(name, In | Edge);
        for (int i = 0; i < 5; i++)
        {
            world.Signal(0);
            Assert.Equal("0:1", world.Poll(0));
            Assert.Equal("", world.Poll(0));
        }

        for (int i = 0; i < 5; i++)
            world.Signal(0);
        Assert.Equal("0:1", world.Poll(0));
        Assert.Equal("", world.Poll(0));
        world.Take(0);
        Assert.Equal("", world.Poll(0));
    }

    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_AddOrModifyWhatIsReady_IsAnEvent(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Signal(0);
        world.Add(0, 0, In | Edge, 1);
        Assert.Equal("1:1", world.Poll(0));
        world.Modify(0, 0, In | Edge, 2);
        Assert.Equal("2:1", world.Poll(0));
        Assert.Equal("", world.Poll(0));
    }

    // What is ready for writing all the time is an edge when something was taken.
    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_OfWriting_ComesWithATake(string name)
    {
        using EpollWorld world = Of(name, Out | Edge);
        Assert.Equal("0:4", world.Poll(0));
        world.Signal(0);
        Assert.Equal("", world.Poll(0));
        world.Take(0);
        Assert.Equal("0:4", world.Poll(0));
        world.Take(0);
        Assert.Equal("", world.Poll(0));
    }

    // LTP epoll_wait07; gVisor Oneshot and OneshotAndEdgeTriggered.
    [Rule("RD-04")]
    [Theory, MemberData(nameof(Worlds))]
    public void OneShot_OnceReported_WaitsForAModify(string name)
    {
        foreach (EpollMask manner in (EpollMask[])[OneShot, OneShot | Edge])
        {
            using EpollWorld world = Of(name, In | manner);
            world.Signal(0);
            Assert.Equal("0:1", world.Poll(0));
            world.Signal(0);
            Assert.Equal("", world.Poll(0));

            // It looks again: nothing is there, then something is.
            world.Take(0);
            world.Modify(0, 0, In | manner, 2);
            Assert.Equal("", world.Poll(0));
            world.Signal(0);
            Assert.Equal("2:1", world.Poll(0));
            world.Modify(0, 0, In | manner, 3);
            Assert.Equal("3:1", world.Poll(0));
        }
    }

    [Rule("RD-05")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_TwoSetsOnOneSource_BothGetIt(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int set = 0; set < 3; set++)
            world.Add(set, 0, set == 2 ? In : In | Edge, (ulong)set);
        for (int i = 0; i < 3; i++)
        {
            world.Signal(0);
            Assert.Equal(["0:1", "1:1", "2:1"], Enumerable.Range(0, 3).Select(set => world.Poll(set)));
            Assert.Equal(["", "", "2:1"], Enumerable.Range(0, 3).Select(set => world.Poll(set)));
        }
    }

    // LTP epoll_wait02, gVisor Timeout and TimeoutNoFds: not before its time.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_Nothing_EndsAfterItsTime(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int sources = 0; sources < 2; sources++)
        {
            long before = Environment.TickCount64;
            Assert.Equal(0, world.Wait(0, new EpollReport[1], TimeSpan.FromMilliseconds(60)));
            Assert.InRange(Environment.TickCount64 - before, 50, long.MaxValue);
            world.Add(0, 0, In, 1);
        }
    }

    // gVisor WaitThenUnblock; mio's wakers.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_Asleep_IsWokenByASignal(string name)
    {
        using EpollWorld world = Of(name, In, In | Edge);
        for (int i = 0; i < 3; i++)
        {
            EpollWaiter waiter = EpollWaiter.Asleep(world, 0);
            world.Signal(1);
            Assert.Equal("1:1", waiter.Reports());
        }
    }

    // gVisor UnblockWithNewFD; mio register_during_poll; the kernel's races of ctl and wait.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_Asleep_IsWokenByAddAndModify(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Signal(0);
        EpollWaiter waiter = EpollWaiter.Asleep(world, 0);
        world.Add(0, 0, In | OneShot, 1);
        Assert.Equal("1:1", waiter.Reports());
        waiter = EpollWaiter.Asleep(world, 0);
        world.Modify(0, 0, In, 2);
        Assert.Equal("2:1", waiter.Reports());
    }

    // A waiter of a set without descriptors has to hear of the first one.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_Asleep_IsWokenByAFirstDescriptor(string name)
    {
        using EpollWorld world = Of(name, In);
        EpollWaiter waiter = EpollWaiter.Asleep(world, 0);
        world.Add(0, EpollWorld.FirstFile, In, 7);
        world.Files.Write(0, 1);
        Assert.Equal("7:1", waiter.Reports());
    }

    // Reference 7.6: a level wakes all in turn, an edge one.
    [Rule("RD-02"), Rule("RD-03")]
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_Several_LevelWakesAllAndEdgeOne(string name)
    {
        foreach (bool isLevel in (bool[])[true, false])
        {
            using EpollWorld world = Of(name, isLevel ? In : In | Edge);
            EpollWaiter[] waiters = [.. Enumerable.Range(0, 3).Select(_ => EpollWaiter.Asleep(world, 0))];
            world.Signal(0);
            if (isLevel)
            {
                Assert.Equal(["0:1", "0:1", "0:1"], waiters.Select(static waiter => waiter.Reports()));
                continue;
            }

            for (int returned = 1; returned <= 3; returned++)
            {
                Watchdog.Until(() => waiters.Count(static waiter => waiter.HasReturned) >= returned, "a waiter to return");
                Watchdog.Until(() => waiters.Count(static waiter => waiter.IsAsleep) == 3 - returned, "the others to sleep");
                Assert.Equal(returned, waiters.Count(static waiter => waiter.HasReturned));
                world.Signal(0);
            }
        }
    }

    // LTP epoll_wait15 and 16: by default all sets are woken, and exclusive ones up to the first where somebody waits.
    [Rule("RD-04")]
    [Theory, MemberData(nameof(Worlds))]
    public void Exclusive_SetsWithWaiters_OneIsWoken(string name)
    {
        foreach (bool hasDescriptor in (bool[])[false, true])
        {
            foreach (bool isExclusive in (bool[])[false, true])
            {
                using EpollWorld world = EpollWorld.Make(name);
                for (int set = 0; set < 3; set++)
                {
                    if (hasDescriptor)
                        world.Add(set, EpollWorld.FirstFile, In, 9);
                    world.Add(set, 0, isExclusive ? In | Edge | EpollMask.Exclusive : In | Edge, (ulong)set);
                }

                EpollWaiter[] waiters = [.. Enumerable.Range(0, 3).Select(set => EpollWaiter.Asleep(world, set))];
                world.Signal(0);
                if (!isExclusive)
                {
                    Assert.Equal(["0:1", "1:1", "2:1"], waiters.Select(static waiter => waiter.Reports()));
                    continue;
                }

                // The oldest comes first, and each wake-up goes to the next one that still has a waiter.
                for (int set = 0; set < 3; set++)
                {
                    Assert.Equal($"{set}:1", waiters[set].Reports());
                    Watchdog.Until(() => waiters.Count(static waiter => waiter.IsAsleep) == 2 - set, "the others to sleep");
                    world.Signal(0);
                }
            }
        }
    }

    // Without a waiter nobody takes a wake-up away from the others.
    [Rule("RD-04")]
    [Theory, MemberData(nameof(Worlds))]
    public void Exclusive_WithoutWaiters_AllHaveIt(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int set = 0; set < 3; set++)
            world.Add(set, 0, In | Edge | EpollMask.Exclusive, (ulong)set);
        world.Signal(0);
        Assert.Equal(["0:1", "1:1", "2:1"], Enumerable.Range(0, 3).Select(set => world.Poll(set)));
    }

    private static EpollWorld Of(string name, params EpollMask[] masks)
    {
        EpollWorld world = EpollWorld.Make(name);
        for (int source = 0; source < masks.Length; source++)
            Assert.Equal(0, world.Add(0, source, masks[source], (ulong)source));
        return world;
    }
}
