// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A timer in a set: timerfds in the kernel, <see cref="EventTimer"/> here.</summary>
public sealed class EpollTimerCases
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;
    private const int Timer = EpollWorld.FirstTimer;

    public static TheoryData<string> Worlds => EpollWorld.Names;

    [Rule("RD-03")]
    [Theory, MemberData(nameof(Worlds))]
    public void Level_OnceCome_IsReportedUntilItIsTakenOrSet(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        Assert.Equal(0, world.Add(0, Timer, In | EpollMask.Writable, 1));
        Assert.Equal("", world.Poll(0));
        world.SetTimer(isLater: true, isPeriodic: false);
        Assert.Equal((0, ""), (world.TakeTimer(), world.Poll(0)));
        foreach (bool isPeriodic in (bool[])[false, true])
        {
            world.SetTimer(isLater: false, isPeriodic);
            Assert.Equal(["1:1", "1:1"], [world.Poll(0), world.Poll(0)]);
            Assert.Equal((1, ""), (world.TakeTimer(), world.Poll(0)));
            Assert.Equal(0, world.TakeTimer());
            world.SetTimer(isLater: false, isPeriodic);
            world.SetTimer(isLater: true, isPeriodic);
            Assert.Equal((0, ""), (world.TakeTimer(), world.Poll(0)));
        }
    }

    // An alarm for each setting, though it is never taken; and none more while its periods pass.
    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_EachTimeItComes_IsOneEvent(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.SetTimer(isLater: false, isPeriodic: false);
        world.Add(0, Timer, In | Edge, 1);
        Assert.Equal(["1:1", ""], [world.Poll(0), world.Poll(0)]);
        for (int i = 0; i < 3; i++)
        {
            world.SetTimer(isLater: false, isPeriodic: true);
            Assert.Equal(["1:1", ""], [world.Poll(0), world.Poll(0)]);
        }

        world.Modify(0, Timer, In | Edge, 2);
        Assert.Equal(["2:1", ""], [world.Poll(0), world.Poll(0)]);
        Assert.Equal(1, world.TakeTimer());
        world.Modify(0, Timer, In | Edge, 3);
        Assert.Equal("", world.Poll(0));
    }

    [Rule("RD-04"), Rule("RD-05")]
    [Theory, MemberData(nameof(Worlds))]
    public void OneShotAndTwoSets_EachHasItsOwn(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Timer, In | EpollMask.OneShot, 1);
        world.Add(1, Timer, In | Edge, 2);
        for (int i = 0; i < 3; i++)
        {
            world.SetTimer(isLater: false, isPeriodic: false);
            Assert.Equal([i == 0 ? "1:1" : "", "2:1", ""], [world.Poll(0), world.Poll(1), world.Poll(1)]);
        }

        world.Modify(0, Timer, In | EpollMask.OneShot, 3);
        Assert.Equal(["3:1", ""], [world.Poll(0), world.Poll(0)]);
        Assert.Equal(0, world.Remove(1, Timer));
        Assert.Equal((int)EpollStatus.NotThere, world.Remove(1, Timer));
        Assert.Equal((int)EpollStatus.Exists, world.Add(0, Timer, In, 1));
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Comes_WhileSomebodySleeps_WakesHim(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, EpollWorld.FirstSet + 1, In, 1);
        world.Add(1, Timer, In, 2);
        EpollWaiter outer = EpollWaiter.Asleep(world, 0);
        world.SetTimer(isLater: false, isPeriodic: false);
        Assert.Equal("1:1", outer.Reports());
        Assert.Equal("2:1", world.Poll(1));
    }
}
