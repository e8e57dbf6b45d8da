// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Sets in sets, on the kernel and on <see cref="EpollSet"/>: the cases of Linux's epoll_wakeup_test, of LTP and of gVisor.</summary>
public sealed class EpollNestingCases
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;
    private const int First = EpollWorld.FirstSet;

    /// <summary>World; the edge of the inner set's place and of the source's; whether the source is a descriptor.</summary>
    public static TheoryData<string, bool, bool, bool> Combinations
    {
        get
        {
            var all = new TheoryData<string, bool, bool, bool>();
            foreach (string world in (string[])["kernel", "gangway"])
            {
                for (int bits = 0; bits < 8; bits++)
                    all.Add(world, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
            }

            return all;
        }
    }

    public static TheoryData<string> Worlds => EpollWorld.Names;

    // epoll_wakeup_test 7 to 12 and their like: one source, an inner set, and the outer one looked at.
    [Rule("RD-02"), Rule("RD-03")]
    [Theory, MemberData(nameof(Combinations))]
    public void Nested_Looked_ReportsTheInnerSet(string name, bool isOuterEdge, bool isInnerEdge, bool isFile)
    {
        using EpollWorld world = Nested(name, isOuterEdge, isInnerEdge, isFile);
        Assert.Equal("", world.Poll(0));
        Wake(world, isFile);
        Assert.Equal("1:1", world.Poll(0));

        // The inner set still has it: for a level that is news again.
        Assert.Equal(isOuterEdge ? "" : "1:1", world.Poll(0));
        Assert.Equal("2:1", world.Poll(1));
        Assert.Equal(isInnerEdge || isOuterEdge ? "" : "1:1", world.Poll(0));
        Wake(world, isFile);
        Assert.Equal("1:1", world.Poll(0));
    }

    // The same with waiters at either set, or both.
    [Theory, MemberData(nameof(Combinations))]
    public void Nested_Asleep_IsWoken(string name, bool isOuterEdge, bool isInnerEdge, bool isFile)
    {
        using EpollWorld world = Nested(name, isOuterEdge, isInnerEdge, isFile);
        EpollWaiter outer = EpollWaiter.Asleep(world, 0);
        Wake(world, isFile);
        Assert.Equal("1:1", outer.Reports());
        Assert.Equal("2:1", world.Poll(1));
        if (isFile)
            world.Files.Read(0, 4);
        else
            world.Take(0);
        EpollWaiter inner = EpollWaiter.Asleep(world, 1);
        Wake(world, isFile);
        Assert.Equal("2:1", inner.Reports());
    }

    // LTP epoll_wait09: through five sets.
    [Rule("RD-01")]
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_FiveDeep_ReportsAndSixIsRefused(string name)
    {
        foreach (int source in (int[])[0, EpollWorld.FirstFile])
        {
            using EpollWorld world = EpollWorld.Make(name);
            for (int set = 0; set < 4; set++)
                Assert.Equal(0, world.Add(set + 1, First + set, In, 9));
            Assert.Equal((int)EpollStatus.Loop, world.Add(5, First + 4, In, 9));
            Assert.Equal(0, world.Add(0, source, In, 8));
            Assert.Equal("", world.Poll(4));
            EpollWaiter waiter = EpollWaiter.Asleep(world, 4);
            Wake(world, source != 0);
            Assert.Equal("9:1", waiter.Reports());
            for (int set = 4; set > 0; set--)
                Assert.Equal("9:1", world.Poll(set));
            Assert.Equal("8:1", world.Poll(0));
        }
    }

    // LTP epoll_ctl05 and 07; gVisor CycleOfOneDisallowed, CycleOfThreeDisallowed.
    [Rule("RD-01")]
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_Cycles_AreRefused(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        Assert.Equal((int)EpollStatus.Invalid, world.Add(0, First, In, 1));
        Assert.Equal(0, world.Add(0, First + 1, In, 1));
        Assert.Equal((int)EpollStatus.Loop, world.Add(1, First, In, 1));
        Assert.Equal(0, world.Add(1, First + 2, In, 1));
        Assert.Equal((int)EpollStatus.Loop, world.Add(2, First, In, 1));
        Assert.Equal(0, world.Remove(0, First + 1));
        Assert.Equal(0, world.Add(2, First, In, 1));
    }

    // gVisor's close-while-registered, for sets.
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_InnerIsClosed_LeavesTheOuter(string name)
    {
        using EpollWorld world = Nested(name, isOuterEdge: false, isInnerEdge: false, isFile: true);
        Wake(world, isFile: true);
        world.CloseSet(1);
        Assert.Equal("", world.Poll(0));
        Assert.Equal((int)EpollStatus.NotThere, world.Remove(0, First + 1));
    }

    // One source in two inner sets of one outer set: the newest registration is woken first.
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_Diamond_ReportsInTheOrderOfTheWaitQueue(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int set = 1; set <= 2; set++)
        {
            world.Add(0, First + set, In, (ulong)set);
            world.Add(set, 0, In, 9);
        }

        world.Signal(0);
        Assert.Equal("2:1 1:1", world.Poll(0));
    }

    // Who waits in the middle takes what the kernel says from those above, which must hear of it nevertheless.
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_MiddleIsLookedAtFirst_OuterReportsToo(string name)
    {
        foreach (bool isFile in (bool[])[false, true])
        {
            using EpollWorld world = EpollWorld.Make(name);
            world.Add(2, First + 1, In, 1);
            world.Add(1, First, In, 2);
            world.Add(0, isFile ? EpollWorld.FirstFile : 0, In, 3);
            Wake(world, isFile);
            Assert.Equal("2:1", world.Poll(1));
            Assert.Equal("1:1", world.Poll(2));
            Assert.Equal("3:1", world.Poll(0));
        }
    }

    // What only the kernel knows of an inner set must not show through a place that is switched off.
    [Rule("RD-04")]
    [Theory, MemberData(nameof(Worlds))]
    public void Nested_OneShotReported_IsQuietUpwards(string name)
    {
        foreach (bool isFile in (bool[])[false, true])
        {
            using EpollWorld world = EpollWorld.Make(name);
            world.Add(2, First + 1, In | EpollMask.OneShot, 1);
            world.Add(1, isFile ? EpollWorld.FirstFile : 0, In, 2);
            world.Add(0, First + 2, In, 3);
            Wake(world, isFile);
            Assert.Equal("3:1", world.Poll(0));
            Assert.Equal("1:1", world.Poll(2));
            Wake(world, isFile);
            Assert.Equal("", world.Poll(0));
            Assert.Equal("", world.Poll(2));
            world.Modify(2, First + 1, In, 4);
            Assert.Equal("3:1", world.Poll(0));
            Assert.Equal("4:1", world.Poll(2));
        }
    }

    private static EpollWorld Nested(string name, bool isOuterEdge, bool isInnerEdge, bool isFile)
    {
        EpollWorld world = EpollWorld.Make(name);
        world.Add(0, First + 1, isOuterEdge ? In | Edge : In, 1);
        world.Add(1, isFile ? EpollWorld.FirstFile : 0, isInnerEdge ? In | Edge : In, 2);
        return world;
    }

    private static void Wake(EpollWorld world, bool isFile)
    {
        if (isFile)
            world.Files.Write(0, 1);
        else
            world.Signal(0);
    }
}
