// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Which packet comes first, and that each source has one place.</summary>
public sealed class EventPortPriorityTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-06")]
    public void Packets_ComeByPriority_AndInOrderOfArrivalInside(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var random = new Random(Ports.Seed);
        var bound = new Notification[64];
        var priorities = new int[64];
        for (int i = 0; i < bound.Length; i++)
        {
            priorities[i] = random.Next(16);
            port.Bind(bound[i] = new Notification(), (ulong)i, new BindingOptions { Priority = priorities[i] });
        }

        int[] order = [.. Enumerable.Range(0, bound.Length)];
        random.Shuffle(order);
        foreach (int i in order)
            bound[i].Signal();
        foreach (int i in order)
            bound[i].Signal();

        var packets = new Packet[100];
        int count = port.Wait(packets);
        Assert.Equal(order.OrderBy(i => priorities[i]).Select(i => (ulong)i), packets[..count].Select(packet => packet.Key));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-06")]
    public void Storm_OfTheHighest_LetsALowerOneThroughAfterTheBound(bool usesKernel)
    {
        using var port = new EventPort(new EventPortOptions { UsesKernel = usesKernel, StarvationBound = 64 });
        Notification storm = new(), middle = new(), low = new();
        port.Bind(storm, 0, new BindingOptions { Priority = 0, Mode = TriggerMode.Level });
        port.Bind(middle, 7, new BindingOptions { Priority = 7, Mode = TriggerMode.Level });
        port.Bind(low, 15, new BindingOptions { Priority = 15 });
        storm.Signal();
        middle.Signal();
        low.Signal();

        var lower = new List<(int At, ulong Key)>();
        for (int i = 1; i <= 4 * 65; i++)
        {
            if (Ports.Next(port).Key is not 0 and var key)
                lower.Add((i, key));
        }

        // Each of the lower in turn: 15 waits two bounds at most.
        Assert.Equal([65, 130, 195, 260], lower.Select(one => one.At));
        Assert.Contains(15ul, lower.Take(2).Select(one => one.Key));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-01")]
    [Rule("EV-04")]
    public void Storm_WithoutAWaiter_TakesOnePlace(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1);
        var other = new Notification();
        port.Bind(other, 2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000_000; i++)
            notification.Signal(1u << (i & 31));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        other.Signal();
        var packets = new Packet[8];
        Assert.Equal(2, port.Wait(packets));
        Assert.Equal((uint.MaxValue, 1_000_000u), (packets[0].Signals, packets[0].Count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-02")]
    public void Count_Saturates(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var node = new SourceNode(port, 1, PacketKind.Notification, default);
        node.TryHold(1, uint.MaxValue / 2);
        node.TryHold(2, uint.MaxValue / 2);
        Assert.True(node.TryTake(out Signals signals));
        Assert.Equal(new Signals(3, (1u << 28) - 1), signals);
        Assert.True(node.TryTake(out signals) && signals.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-04")]
    public void BindAndUnbind_OfSignalledSources_WithoutAWaiter_KeepsTheQueueShort(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var notification = new Notification();
        notification.Signal(1);
        for (int i = 0; i < 200_000; i++)
            port.Bind(notification, (ulong)i).Dispose();
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(kept, long.MinValue, 1_000_000);
        Ports.AssertQuiet(port);
        Assert.Equal(1u, notification.Poll().Bits);
        GC.KeepAlive(port);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-03")]
    public void Million_BoundNotifications_AreEachDelivered(bool usesKernel)
    {
        int count = usesKernel ? 1_000_000 : 100_000;
        using EventPort port = Ports.Make(usesKernel);
        var bound = new Notification[count];
        for (int i = 0; i < count; i++)
            port.Bind(bound[i] = new Notification(), (ulong)i);
        Assert.Equal(count, port.BindingCount);
        for (int i = 0; i < count; i++)
            bound[i].Signal();
        var packets = new Packet[4096];
        for (int next = 0; next < count;)
        {
            int taken = port.Wait(packets, Deadline.After(Watchdog.Bound));
            for (int i = 0; i < taken; i++)
                Assert.True(packets[i].Key == (ulong)next++);
        }

        Ports.AssertQuiet(port);
    }
}
