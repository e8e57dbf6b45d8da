// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Ports and timers in sets, where nobody but the set's waiter finds what happens.</summary>
[Rule("RD-02"), Rule("RD-03")]
public sealed class EpollSetPortTests
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;

    public static TheoryData<bool> Backends => Ports.Backends;

    public static TheoryData<bool, bool> BackendsAndDepths => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory, MemberData(nameof(BackendsAndDepths))]
    public void TimerOfAPort_WhileOnlyTheSetWaits_IsReported(bool usesKernel, bool isNested)
    {
        using EventPort port = Ports.Make(usesKernel);
        using EpollSet set = new(), inner = new();
        EpollSet holder = isNested ? inner : set;
        if (isNested)
            set.Add(inner, In, 9);
        var timer = new EventTimer();
        port.Bind(timer, 5, Ports.Edge);
        timer.Set(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
        Assert.Equal(EpollStatus.Ok, holder.Add(port, In, 1));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(isNested ? "9:1" : "1:1", Next(set));
            Assert.Equal("1:1", Next(holder));
            Assert.Equal(5ul, Ports.Next(port).Key);
            while (port.TryWait(out _))
            {
                // A period has passed meanwhile.
            }
        }

        // Set while somebody sleeps, and sooner than what he knows of.
        timer.Set(TimeSpan.FromHours(1));
        var setter = new Thread(() => timer.Set(TimeSpan.FromMilliseconds(20)));
        setter.Start();
        Assert.Equal(isNested ? "9:1" : "1:1", Next(set));
        Watchdog.Join(setter);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Descriptors_OfAPort_AreReportedToTheSetsWaiter(bool isNested)
    {
        const int Many = 3 * EpollBackend.EventsPerLook + 1;
        using EventPort port = Ports.Make(usesKernel: true);
        using EpollSet set = new(), inner = new();
        if (isNested)
            set.Add(inner, In, 9);
        Assert.Equal(EpollStatus.Ok, (isNested ? inner : set).Add(port, isNested ? In : In | Edge, 1));
        Pipe[] pipes = [.. Enumerable.Range(0, Many).Select(static _ => new Pipe())];
        for (int i = 0; i < Many; i++)
            port.Bind(pipes[i].Reader, DescriptorEvents.Readable, (ulong)i, Ports.Edge);
        for (int round = 0; round < 3; round++)
        {
            var writer = new Thread(() => Array.ForEach(pipes, static pipe => pipe.Write()));
            writer.Start();
            Assert.Equal(isNested ? "9:1" : "1:1", Next(set));
            Watchdog.Join(writer);

            // Through waits that do not look at the kernel while they have something.
            var seen = new HashSet<ulong>();
            var packets = new Packet[7];
            while (seen.Count < Many)
            {
                foreach (Packet packet in packets.AsSpan(0, port.Wait(packets, Deadline.After(Watchdog.Bound))))
                    seen.Add(packet.Key);
            }

            while (port.TryWait(out _))
            {
            }

            while (set.Poll(new EpollReport[4]) + inner.Poll(new EpollReport[4]) != 0)
            {
            }
        }

        Array.ForEach(pipes, static pipe => pipe.Dispose());
    }

    // More events at once than one look of the port's takes: the kernel tells of them once.
    [Fact]
    public void Descriptors_MoreThanALookTakes_AreAllInThePortThen()
    {
        const int Many = 3 * EpollBackend.EventsPerLook + 1;
        using EventPort port = Ports.Make(usesKernel: true);
        using var set = new EpollSet();
        Pipe[] pipes = [.. Enumerable.Range(0, Many).Select(static _ => new Pipe())];
        for (int i = 0; i < Many; i++)
            port.Bind(pipes[i].Reader, DescriptorEvents.Readable, (ulong)i, Ports.Edge);
        set.Add(port, In | Edge, 1);
        Array.ForEach(pipes, static pipe => pipe.Write());
        Assert.Equal("1:1", Next(set));
        Assert.False(IsRung(port), "something is left in the kernel");
        Array.ForEach(pipes, static pipe => pipe.Dispose());
    }

    [Theory, MemberData(nameof(Backends))]
    public void Timer_InASetOfASet_WakesWhoSleeps(bool hasDescriptor)
    {
        using EpollSet set = new(), inner = new();
        using var pipe = new Pipe();
        if (hasDescriptor)
            inner.Add(pipe.Reader, In, 7);
        set.Add(inner, In | Edge, 9);
        var timer = new EventTimer();
        inner.Add(timer, In | Edge, 1);
        timer.Set(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(1));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("9:1", Next(set));
            Assert.Equal("1:1", Next(inner));
            Assert.InRange(timer.Poll(), 1u, 10_000_000u);
        }
    }

    // Both get what comes: the port a packet, the set a wake-up. Nobody waits for the port until then.
    [Theory, MemberData(nameof(Backends))]
    public void Timer_BoundToAPortToo_IsReportedWhileThePortHasIt(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        using var set = new EpollSet();
        var time = new ManualTime();
        var timer = new EventTimer(time);
        set.Add(timer, In, 1);
        port.Bind(timer, 5, Ports.Edge);
        timer.Set(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        time.Advance(35);
        Assert.Equal("1:1", Poll(set));
        Assert.Equal(3u, Ports.Next(port).Count);
        Assert.Equal("", Poll(set));
        time.Advance(10);
        Assert.Equal("1:1", Poll(set));
        Assert.Equal((1u, 0u), (timer.Poll(), timer.Poll()));
        Assert.Equal("", Poll(set));
        Ports.AssertQuiet(port);
    }

    [Fact]
    public void Timer_Poll_CountsThePeriodsThatHavePassed()
    {
        var time = new ManualTime();
        var timer = new EventTimer(time);
        Assert.Equal(0u, timer.Poll());
        timer.Set(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5));
        time.Advance(9.999);
        Assert.Equal(0u, timer.Poll());
        time.Advance(15.001);
        Assert.Equal((4u, 0u), (timer.Poll(), timer.Poll()));
        time.Advance(5);
        timer.Stop();
        Assert.Equal(0u, timer.Poll());
        timer.Set(TimeSpan.Zero);
        Assert.Equal((1u, 0u), (timer.Poll(), timer.Poll()));
        Assert.Equal(0, time.Timers);
    }

    [Fact]
    public void SourcesWithoutDescriptors_UseNone()
    {
        // The clock's thread is there for good.
        using (var warm = new EpollSet())
        {
            var first = new EventTimer();
            warm.Add(first, In, 1);
            first.Set(TimeSpan.Zero);
            Assert.Equal("1:1", Next(warm));
        }

        ProcessAccounting before = ProcessAccounting.Take();
        using var set = new EpollSet();
        var ports = new EventPort[1_000];
        for (int i = 0; i < ports.Length; i++)
        {
            ports[i] = Ports.Make(usesKernel: false);
            Assert.Equal(EpollStatus.Ok, set.Add(ports[i], In, (ulong)i));
            Assert.Equal(EpollStatus.Ok, set.Add(new EventTimer(), In, (ulong)i));
        }

        ports[500].TryPost(3);
        Assert.Equal("500:1", Next(set));
        before.AssertNothingLeft();
        Array.ForEach(ports, static port => port.Dispose());
        Assert.Equal("", Poll(set));
    }

    [Theory, MemberData(nameof(Backends))]
    [Rule("RD-01")]
    public void Dispose_OfAPort_LeavesTheSet(bool usesKernel)
    {
        ProcessAccounting before = ProcessAccounting.Take();
        using (EpollSet set = new())
        {
            EventPort port = Ports.Make(usesKernel), other = Ports.Make(usesKernel);
            set.Add(port, In, 1);
            set.Add(other, In, 2);
            port.TryPost(5);
            other.TryPost(5);
            port.Dispose();
            Assert.Equal("2:1", Poll(set));
            Assert.Equal(EpollStatus.Closed, set.Add(port, In, 1));
            Assert.Equal(EpollStatus.Closed, set.Modify(port, In, 1));
            Assert.Equal(EpollStatus.Closed, set.Remove(port));
            set.Dispose();

            // The set has left it.
            Assert.True(other.TryPost(6));
            Assert.Equal([5ul, 6ul], Ports.Keys(other));
            Assert.Equal(EpollStatus.Closed, set.Add(other, In, 1));
            other.Dispose();
        }

        before.AssertNothingLeft();
    }

    // The set's waiter serves the port's connections, whose handlers run in its wait.
    [Fact]
    [Rule("EV-19")]
    public void Connections_OfAPort_AreServedWhileTheSetWaits()
    {
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using var set = new EpollSet();
        var end = new Notification();
        set.Add(port, In | Edge, 1);
        set.Add(end, In, 2);
        Thread waiter = Waiting(set, static () => { });
        using Endpoint client = Domain.Connect(listener.Address.Text);
        byte[] reply = new byte[3];
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 3), Watchdog.Run(() => client.Call(1, [1, 2, 3], reply)));

            // Now and then it is parked.
            if (i % 50 == 0)
                Watchdog.Until(() => !((Reactor)Insides.Field(port, "_loop")).IsHot, "the loop's rest");
        }

        end.Signal();
        Watchdog.Join(waiter);
    }

    // A look at the port itself has the loop pass for awake, and who is awake is not rung. What is asked of it then, as a new
    // connection to be served, must still come through.
    [Fact]
    public void Connections_OfAPort_AreServedAfterADirectLookAtIt()
    {
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using var set = new EpollSet();
        var end = new Notification();
        set.Add(port, In | Edge, 1);
        set.Add(end, In, 2);
        int taken = 0;
        Thread waiter = Waiting(set, () =>
        {
            while (port.TryWait(out _))
                Interlocked.Increment(ref taken);
        });
        byte[] reply = new byte[3];
        for (int i = 1; i <= 20; i++)
        {
            Assert.True(port.TryPost(5));
            Watchdog.Until(() => Volatile.Read(ref taken) == i, "the packet");

            // Time to go back to the set and to sleep, or this shows nothing; too little of it does no harm.
            Thread.Sleep(10);
            using Endpoint client = Domain.Connect(listener.Address.Text);
            Assert.Equal(new CallResult(Status.Ok, 3), Watchdog.Run(() => client.Call(1, [1, 2, 3], reply)));
        }

        end.Signal();
        Watchdog.Join(waiter);
    }

    // Somebody looked just then, for another set or a port around it: what is there still is told once more.
    [Fact]
    public void TryWait_InVain_IsAnEdgeMore()
    {
        using EventPort port = Ports.Make(usesKernel: false);
        using var set = new EpollSet();
        set.Add(port, In | Edge, 1);
        port.TryPost(5);
        Assert.Equal("1:1", Poll(set));
        Assert.Equal(true, Insides.Invoke(port, "TryTakeBaton"));
        Assert.False(port.TryWait(out _));
        Assert.Equal("", Poll(set));
        Insides.Invoke(port, "ReleaseBaton");
        Assert.Equal("1:1", Poll(set));
        Assert.Equal([5ul], Ports.Keys(port));
    }

    // Those who come only to look, and find one who looks, are looked for by that one. If it had them look again, itself among
    // them, they would wake each other until they miss each other.
    [Fact]
    public void Sets_ThatComeInVain_AreLookedForAndNotWoken()
    {
        const int Sets = 4;
        using EventPort port = Ports.Make(usesKernel: true);
        EpollSet[] sets = [.. Enumerable.Range(0, Sets).Select(static _ => new EpollSet())];
        Array.ForEach(sets, set => set.Add(port, In, 1));
        Array.ForEach(sets, static set => Assert.Equal("", Poll(set)));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(true, Insides.Invoke(port, "TryTakeBaton"));
            Insides.Invoke(port, "HaveWatchersLook");
            long before = Looks();
            Array.ForEach(sets, static set => Assert.Equal("", Poll(set)));
            Assert.Equal(before, Looks());
            Insides.Invoke(port, "LookAndHandBack", null!, true);
            Assert.Equal(before + 2, Looks());
            Assert.False(IsRung(port), "they were woken");
            Array.ForEach(sets, static set => Assert.Equal("", Poll(set)));
            Assert.Equal(before + 2, Looks());
        }

        // One who has the baton for something else has them look.
        Assert.Equal(true, Insides.Invoke(port, "TryTakeBaton"));
        Insides.Invoke(port, "HaveWatchersLook");
        Assert.Equal("", Poll(sets[0]));
        Insides.Invoke(port, "Look");
        Assert.False(IsRung(port));
        Insides.Invoke(port, "ReleaseBaton");
        Assert.True(IsRung(port), "who came in vain is not told");
        Assert.Equal("", Poll(sets[1]));
        Assert.False(IsRung(port));
        Array.ForEach(sets, static set => set.Dispose());

        long Looks() => (long)Insides.Field(port, "_looks");
    }

    // As above, where the port is in ports: whose poller came in vain is woken, to hear of the times, and no other.
    [Fact]
    public void PortsAround_ThatComeInVain_AreWokenAlone()
    {
        using EventPort inner = Ports.Make(usesKernel: true), missed = Ports.Make(usesKernel: true), other = Ports.Make(usesKernel: true);
        using var set = new EpollSet();
        missed.Bind(inner, 1);
        other.Bind(inner, 1);
        set.Add(inner, In, 1);
        Ports.AssertQuiet(missed);
        Ports.AssertQuiet(other);
        Assert.Equal(true, Insides.Invoke(inner, "TryTakeBaton"));
        Ports.AssertQuiet(missed);
        Insides.Invoke(inner, "ReleaseBaton");
        Assert.Equal((true, false, false), (IsRung(missed), IsRung(other), IsRung(inner)));
        Ports.AssertQuiet(missed);
        Assert.False(IsRung(missed));
    }

    // As with sets: the packet that says so comes once more.
    [Fact]
    public void TryWait_InVain_IsAPacketMoreOfThePortAround()
    {
        using EventPort inner = Ports.Make(usesKernel: false), outer = Ports.Make(usesKernel: false);
        outer.Bind(inner, 7, Ports.Edge);
        inner.TryPost(5);
        Assert.Equal([7ul], Ports.Keys(outer));
        Assert.Equal(true, Insides.Invoke(inner, "TryTakeBaton"));
        Assert.False(inner.TryWait(out _));
        Ports.AssertQuiet(outer);
        Insides.Invoke(inner, "ReleaseBaton");
        Assert.Equal([7ul], Ports.Keys(outer));
        Assert.Equal([5ul], Ports.Keys(inner));
    }

    // The poller wakes up for a port inside, and finds a packet of its own at once: so it does not look there. It may not come back.
    [Fact]
    public void EventInside_ThatAPollerTookWithAPacket_IsFoundByWhoWatches()
    {
        using EventPort inner = Ports.Make(usesKernel: true), outer = Ports.Make(usesKernel: true);
        using var set = new EpollSet();
        using var pipe = new Pipe();
        outer.Bind(inner, 1, Ports.Edge);
        inner.Bind(pipe.Reader, DescriptorEvents.Readable, 5, Ports.Edge);
        set.Add(outer, In | Edge, 2);
        Ports.AssertQuiet(outer);
        Assert.Equal("", Poll(set));

        // The end of its sleep, and what it does then.
        Assert.Equal(true, Insides.Invoke(outer, "TryTakeBaton"));
        pipe.Write();
        Insides.Invoke(outer, "LookAtBackend", 0L);
        Insides.Invoke(outer, "ReleaseBaton");
        Assert.Equal("2:1", Next(set));
        Assert.Equal([1ul], Ports.Keys(outer));
        Assert.Equal([5ul], Ports.Keys(inner));
    }

    // While packets move to the queues they are still to be taken.
    [Fact]
    public void Look_WhilePacketsMove_FindsThem()
    {
        using EventPort port = Ports.Make(usesKernel: false);
        using var set = new EpollSet();
        set.Add(port, In, 1);
        object inbox = Insides.Field(port, "_inbox");
        port.TryPost(5);
        Insides.Invoke(inbox, "Take");
        Assert.Equal("1:1", Poll(set));
        Insides.Invoke(inbox, "NoteQueues", true);
        Assert.Equal("", Poll(set));
    }

    // Each signaller waits until its signal was taken. One takes what the set tells him of, until there is nothing; another
    // waits at the port now and then.
    [Theory, MemberData(nameof(BackendsAndDepths))]
    public void Packets_TakenByTheSetsWaiterAndAnother_AreNeverLost(bool usesKernel, bool isEdge)
    {
        const int Signallers = 2;
        using EventPort port = Ports.Make(usesKernel);
        using var set = new EpollSet();
        var sources = new Notification[Signallers];
        var taken = new Notification[Signallers];
        var end = new Notification();
        for (int i = 0; i < Signallers; i++)
        {
            taken[i] = new Notification();
            port.Bind(sources[i] = new Notification(), (ulong)i, Ports.Edge);
        }

        set.Add(port, isEdge ? In | Edge : In, 1);
        set.Add(end, In, 2);
        int rounds = TestLevel.Pick(500, 3_000, 300_000), left = Signallers;
        Threads.Run(Signallers + 2, number =>
        {
            if (number < Signallers)
            {
                for (int round = 0; round < rounds; round++)
                {
                    sources[number].Signal();
                    Assert.False(taken[number].Wait(Deadline.After(Watchdog.Bound)).IsEmpty, $"signal {round} was lost");
                }

                if (Interlocked.Decrement(ref left) == 0)
                    end.Signal();
                return;
            }

            var packets = new Packet[1];
            while (number == Signallers && !Next(set).Contains("2:1", StringComparison.Ordinal))
            {
                while (port.TryWait(out Packet packet))
                    taken[packet.Key].Signal();
            }

            while (number > Signallers && Volatile.Read(ref left) != 0)
            {
                if (port.Wait(packets, Deadline.After(TimeSpan.FromMicroseconds(100))) != 0)
                    taken[packets[0].Key].Signal();
            }
        });
    }

    /// <summary>Whether whoever sleeps in the port's epoll, or in one around it, is woken.</summary>
    private static bool IsRung(EventPort port) => Platform.Poll.WaitReadable(port.Epoll!, 0) == Platform.Errno.None;

    private static string Poll(EpollSet set)
    {
        var reports = new EpollReport[8];
        return EpollWorld.Text(reports.AsSpan(0, set.Poll(reports)));
    }

    /// <summary>A thread that waits for the set until that reports nothing but its source number 2.</summary>
    private static Thread Waiting(EpollSet set, Action onReports)
    {
        var waiter = new Thread(() =>
        {
            while (Next(set) != "2:1")
                onReports();
        });
        waiter.Start();
        return waiter;
    }

    private static string Next(EpollSet set)
    {
        var reports = new EpollReport[8];
        int count = set.Wait(reports, Deadline.After(Watchdog.Bound));
        Assert.NotEqual(0, count);
        return EpollWorld.Text(reports.AsSpan(0, count));
    }
}
