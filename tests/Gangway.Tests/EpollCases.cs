// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>
/// The cases of public epoll suites, written anew from what they are about, and run on the kernel and on <see cref="EpollSet"/>:
/// first those about which descriptors say something else than signals, then those about any source.
/// </summary>
/// <remarks>
/// LTP epoll_ctl01-07, epoll_wait01-16 (02, 03 and the errors: <see cref="EpollSetErrorTests"/>; 08 is about EINTR, which ends no
/// wait of ours; 10 about /proc/mounts), gVisor epoll.cc, Gramine epoll_epollet, mio poll and tcp.
/// </remarks>
public sealed class EpollCases
{
    private const EpollMask In = EpollMask.Readable, Out = EpollMask.Writable, Edge = EpollMask.Edge, OneShot = EpollMask.OneShot;
    private const int Pipe = EpollWorld.FirstFile, Socket = Pipe + 1, Writer = Pipe + 2, Copy = Pipe + 3;

    public static TheoryData<string> Worlds => EpollWorld.Names;

    // LTP epoll_ctl01.
    [Theory, MemberData(nameof(Worlds))]
    public void Control_AddModifyRemove_ShowInTheNextWait(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        Assert.Equal(0, world.Add(0, Writer, Out, 1));
        Assert.Equal("1:4", world.Poll(0));
        Assert.Equal(0, world.Modify(0, Writer, default, 1));
        Assert.Equal("", world.Poll(0));
        Assert.Equal(0, world.Modify(0, Writer, Out, 2));
        Assert.Equal("2:4", world.Poll(0));
        Assert.Equal(0, world.Remove(0, Writer));
        Assert.Equal("", world.Poll(0));
    }

    // LTP epoll_ctl03.
    [Rule("RD-01")]
    [Theory, MemberData(nameof(Worlds))]
    public void Control_EveryCombinationOfEvents_IsTaken(string name)
    {
        EpollMask[] bits = [In, Out, EpollMask.Priority, EpollMask.Error, EpollMask.HangUp, EpollMask.PeerHangUp, Edge, OneShot];
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, 0, default, 1);
        world.Add(0, Pipe, default, 1);
        for (int combination = 0; combination < 1 << bits.Length; combination++)
        {
            EpollMask mask = bits.Where((_, i) => (combination >> i & 1) != 0).Aggregate(default(EpollMask), static (all, bit) => all | bit);
            Assert.Equal(0, world.Modify(0, 0, mask, 1));
            Assert.Equal(0, world.Modify(0, Pipe, mask, 1));
        }
    }

    // LTP epoll_wait01.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_ReadableAndWritable_GivesBothWithTheirData(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Socket, In | Out, 0x1234_5678_9ABC);
        Assert.Equal($"{0x1234_5678_9ABC}:4", world.Poll(0));
        world.Files.Write(1, 1);
        Assert.Equal($"{0x1234_5678_9ABC}:5", world.Poll(0));
    }

    // LTP epoll_wait05; the figures are those of the reference.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_PeerShutsAndCloses_IsToldApart(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Socket, In | EpollMask.PeerHangUp, 1);
        world.Files.ShutDown();
        Assert.Equal("1:2001", world.Poll(0));
        world.Files.ClosePeer(1);
        Assert.Equal("1:2011", world.Poll(0));
    }

    // LTP epoll_wait06; Gramine epoll_epollet: two writes and a read of a part are one event.
    [Rule("RD-02")]
    [Theory, MemberData(nameof(Worlds))]
    public void Edge_HalfDrained_IsNotReportedUntilTheNextWrite(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Pipe, In | Edge, 1);
        world.Files.Write(0, 2);
        world.Files.Write(0, 2);
        Assert.Equal("1:1", world.Poll(0));
        world.Files.Read(0, 1);
        Assert.Equal("", world.Poll(0));
        world.Files.Write(0, 1);
        Assert.Equal("1:1", world.Poll(0));
    }

    // gVisor LastReadable, LastNonWritable.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_OneOfManyReady_GivesThatOne(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int source = 0; source <= Writer; source++)
            world.Add(0, source, In, (ulong)source);
        world.Signal(2);
        Assert.Equal("2:1", world.Poll(0));
        world.Take(2);
        world.Files.Write(1, 1);
        Assert.Equal($"{Socket}:1", world.Poll(0));
    }

    // LTP epoll_wait12: who may write finds out that nobody reads.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_ReaderCloses_GivesAnError(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        for (int i = 0; i < 32; i++)
            world.Files.Write(2, 4);
        world.Add(0, Writer, Out, 1);
        EpollWaiter waiter = EpollWaiter.Asleep(world, 0);
        world.Files.ClosePeer(2);
        Assert.Contains("1:", waiter.Reports(), StringComparison.Ordinal);
        Assert.Matches("1:[8c]", world.Poll(0));
    }

    // LTP epoll_wait11; mio hup_event_on_disconnect.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_WriterCloses_WakesWithHangUp(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Pipe, default, 1);
        EpollWaiter waiter = EpollWaiter.Asleep(world, 0);
        world.Files.ClosePeer(0);
        Assert.Equal("1:10", waiter.Reports());
    }

    // mio tcp write_then_drop: what was written before the end is readable with it.
    [Theory, MemberData(nameof(Worlds))]
    public void Wait_WriteThenClose_GivesBoth(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Pipe, In | Edge, 1);
        world.Files.Write(0, 1);
        world.Files.ClosePeer(0);
        Assert.Equal("1:11", world.Poll(0));
        Assert.Equal("", world.Poll(0));
    }

    // gVisor close-while-registered; what libev complains about.
    [Rule("RD-01")]
    [Theory, MemberData(nameof(Worlds))]
    public void Close_WhileACopyLives_KeepsReportingAndCannotBeRemoved(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, Pipe, In, 1);
        world.Files.Write(0, 1);
        world.Files.Copy(0, 3);
        world.Files.Close(0);
        Assert.Equal("1:1", world.Poll(0));
        Assert.Equal((int)EpollStatus.Closed, world.Remove(0, Pipe));
        Assert.Equal((int)EpollStatus.NotThere, world.Remove(0, Copy));
        Assert.Equal(0, world.Add(0, Copy, In, 2));
        Assert.Equal("1:1 2:1", world.Poll(0));

        // The number, of the same file once more.
        world.Files.Copy(3, 0);
        Assert.Equal((int)EpollStatus.Exists, world.Add(0, Pipe, In, 3));
        world.Files.Close(3);
        world.Files.Close(0);
        Assert.Equal("", world.Poll(0));
    }

    // mio add_then_drop, no_events_after_deregister.
    [Theory, MemberData(nameof(Worlds))]
    public void Remove_WhatIsReady_IsNotReported(string name)
    {
        using EpollWorld world = EpollWorld.Make(name);
        world.Add(0, 0, In, 1);
        world.Add(0, Pipe, In | Edge, 2);
        world.Signal(0);
        world.Files.Write(0, 1);
        Assert.Equal(0, world.Remove(0, 0));
        Assert.Equal(0, world.Remove(0, Pipe));
        Assert.Equal("", world.Poll(0));
    }
}
