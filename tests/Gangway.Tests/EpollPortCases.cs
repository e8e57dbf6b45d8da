// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A port in a set: an epoll in an epoll in the kernel, <see cref="EventPort"/> here.</summary>
public sealed class EpollPortCases
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;
    private const int Port = EpollWorld.FirstPort;

    public static TheoryData<string> Worlds => EpollWorld.Names;

    [Rule("RD-03")]
    [Theory, MemberData(nameof(Worlds))]
    public void Level_WhileItHasPackets_IsReported(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        Assert.Equal(0, world.Add(0, Port, In | EpollMask.ReadNormal, 1));
        Assert.Equal("", world.Poll(0));
        for (int i = 0; i < 3; i++)
            world.Post(0);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["1:41", "1:41"], [world.Poll(0), world.Poll(0)]);
            Assert.Equal(i, world.TakePacket(0));
        }

        Assert.Equal(("", -1), (world.Poll(0), world.TakePacket(0)));
    }

    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_EachPacket_IsOneEventAndATakeNone(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Post(0);
        world.Add(0, Port, In | Edge, 1);
        world.Add(1, Port, In | EpollMask.OneShot, 2);
        Assert.Equal(["1:1", "", "2:1", ""], [world.Poll(0), world.Poll(0), world.Poll(1), world.Poll(1)]);
        world.Post(0);
        Assert.Equal(["1:1", "", ""], [world.Poll(0), world.Poll(0), world.Poll(1)]);
        Assert.Equal(0, world.TakePacket(0));
        Assert.Equal("", world.Poll(0));
        world.Modify(0, Port, In | Edge, 3);
        world.Modify(1, Port, In | EpollMask.OneShot, 4);
        Assert.Equal(["3:1", "", "4:1", ""], [world.Poll(0), world.Poll(0), world.Poll(1), world.Poll(1)]);

        // What woke it and is taken before anybody looks is no event.
        world.Post(0);
        Assert.Equal((1, 0), (world.TakePacket(0), world.TakePacket(0)));
        Assert.Equal("", world.Poll(0));
    }

    [Rule("RD-01")]
    [Theory, MemberData(nameof(Worlds))]
    public void Mistakes_GiveTheKernelsErrors(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        Assert.Equal((int)EpollStatus.NotThere, world.Modify(0, Port, In, 1));
        Assert.Equal((int)EpollStatus.NotThere, world.Remove(0, Port));
        Assert.Equal((int)EpollStatus.Invalid, world.Add(0, Port, In | EpollMask.Exclusive, 1));
        Assert.Equal(0, world.Add(0, Port, In, 1));
        Assert.Equal((int)EpollStatus.Exists, world.Add(0, Port, Edge, 2));
        Assert.Equal((int)EpollStatus.Invalid, world.Modify(0, Port, In | EpollMask.Exclusive, 1));
        Assert.Equal(0, world.Remove(0, Port));
        world.Post(0);
        Assert.Equal("", world.Poll(0));

        // A port is as deep as a set that holds none: four around it, and a fifth is too many.
        for (int set = 0; set < 4; set++)
            Assert.Equal(0, world.Add(set + 1, EpollWorld.FirstSet + set, In, 9));
        Assert.Equal((int)EpollStatus.Loop, world.Add(0, Port, In, 1));
        Assert.Equal(0, world.Add(1, Port, In, 8));
        Assert.Equal("9:1", world.Poll(4));
        Assert.Equal((int)EpollStatus.Loop, world.Add(5, EpollWorld.FirstSet + 4, In, 9));
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Posted_WhileSomebodySleeps_WakesHim(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, EpollWorld.FirstSet + 1, In | Edge, 1);
        world.Add(1, Port + 1, In | Edge, 2);
        for (int i = 0; i < 3; i++)
        {
            EpollWaiter outer = EpollWaiter.Asleep(world, 0);
            world.Post(1);
            Assert.Equal("1:1", outer.Reports());
            Assert.Equal("2:1", world.Poll(1));
        }
    }
}
