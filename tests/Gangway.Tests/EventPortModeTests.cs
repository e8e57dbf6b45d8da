// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>When a bound notification makes a packet: the four modes, the mask, and what changes a binding.</summary>
public sealed class EventPortModeTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [Rule("EV-07")]
    [Rule("EV-11")]
    [InlineData(false, TriggerMode.OneShot, true)]
    [InlineData(false, TriggerMode.Edge, false)]
    [InlineData(false, TriggerMode.Level, true)]
    [InlineData(false, TriggerMode.Acknowledge, true)]
    [InlineData(true, TriggerMode.OneShot, true)]
    [InlineData(true, TriggerMode.Edge, false)]
    [InlineData(true, TriggerMode.Level, true)]
    [InlineData(true, TriggerMode.Acknowledge, true)]
    public void Bind_OfWhatIsSignalled_LooksUnlessEdge(bool usesKernel, TriggerMode mode, bool comes)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        notification.Signal(1);
        port.Bind(notification, 1, new BindingOptions { Mode = mode });
        Assert.Equal(comes, port.TryWait(out _));
        if (mode == TriggerMode.Edge)
        {
            notification.Signal(2);
            Packet packet = Ports.Next(port);
            Assert.Equal((3u, 2u), (packet.Signals, packet.Count));
        }
    }

    [Theory]
    [Rule("EV-11")]
    [InlineData(false, TriggerMode.OneShot, 1)]
    [InlineData(false, TriggerMode.Edge, 3)]
    [InlineData(false, TriggerMode.Level, 6)]
    [InlineData(false, TriggerMode.Acknowledge, 1)]
    [InlineData(true, TriggerMode.OneShot, 1)]
    [InlineData(true, TriggerMode.Edge, 3)]
    [InlineData(true, TriggerMode.Level, 6)]
    [InlineData(true, TriggerMode.Acknowledge, 1)]
    public void Signals_ThreeTimes_MakeAsManyPacketsAsTheModeSays(bool usesKernel, TriggerMode mode, int expected)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1, new BindingOptions { Mode = mode });
        int packets = 0;
        for (int i = 0; i < 3; i++)
        {
            notification.Signal(1);
            packets += port.TryWait(out _) ? 1 : 0;
            packets += port.TryWait(out _) ? 1 : 0;
        }

        Assert.Equal(expected, packets);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-11")]
    [Rule("EV-18")]
    public void Level_InOneWait_ComesOnceOfEachSource(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        Notification[] all = [new(), new(), new()];
        for (int i = 0; i < all.Length; i++)
        {
            port.Bind(all[i], (ulong)i, Ports.Level);
            all[i].Signal(1);
        }

        var packets = new Packet[16];
        for (int round = 0; round < 3; round++)
            Assert.Equal(3, port.Wait(packets, Deadline.After(Watchdog.Bound)));
        foreach (Notification notification in all)
            Assert.Equal(1u, notification.Poll().Count);
        Ports.AssertQuiet(port);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-18")]
    public void Level_WithASmallBatch_Rotates(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        for (int i = 0; i < 6; i++)
        {
            var notification = new Notification();
            port.Bind(notification, (ulong)i, Ports.Level);
            notification.Signal();
        }

        var seen = new int[6];
        var packets = new Packet[2];
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(2, port.Wait(packets));
            Assert.Equal(((ulong)(2 * i % 6), (ulong)((2 * i + 1) % 6)), (packets[0].Key, packets[1].Key));
            seen[packets[0].Key]++;
            seen[packets[1].Key]++;
        }

        Assert.All(seen, count => Assert.Equal(100, count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-09")]
    public void Mask_KeepsWhatComes_AndUnmaskDeliversItOnce(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = port.Bind(notification, 1, Ports.Edge);
        Assert.True(binding.Mask());
        notification.Signal(1);
        notification.Signal(4);
        Ports.AssertQuiet(port);
        Assert.True(binding.Unmask());
        Assert.Equal(5u, Ports.Next(port).Signals);
        Assert.True(binding.Unmask());
        Ports.AssertQuiet(port);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-09")]
    public void Mask_OfWhatIsQueuedAlready_KeepsIt(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = port.Bind(notification, 1, new BindingOptions { IsMasked = true });
        notification.Signal(1);
        Ports.AssertQuiet(port);
        binding.Unmask();
        binding.Mask();
        Ports.AssertQuiet(port);
        binding.Unmask();
        Assert.Equal(1u, Ports.Next(port).Signals);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-10")]
    public void Acknowledge_NotGiven_HoldsAStormBack(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        Notification storm = new(), other = new();
        port.Bind(storm, 1, new BindingOptions { Mode = TriggerMode.Acknowledge, Priority = 0 });
        port.Bind(other, 2, Ports.Edge);
        storm.Signal();
        Packet first = Ports.Next(port);
        for (int i = 0; i < 100; i++)
        {
            storm.Signal();
            other.Signal();
            Assert.Equal(2ul, Ports.Next(port).Key);
            Ports.AssertQuiet(port);
        }

        Assert.True(first.Binding.Acknowledge());
        Assert.Equal((1ul, 100u), (Ports.Next(port) is var packet ? packet.Key : 0, packet.Count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-11")]
    public void Modify_FromEdgeToOneShot_DeliversWhatWasHeldBack(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        notification.Signal(1);
        Binding binding = port.Bind(notification, 1, Ports.Edge);
        Ports.AssertQuiet(port);
        Assert.True(binding.Modify(new BindingOptions { Priority = 3 }));
        Packet packet = Ports.Next(port);
        Assert.Equal((1u, 3), (packet.Signals, packet.Priority));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-08")]
    public void Dispose_KeepsWhatIsPendingInTheNotification(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = port.Bind(notification, 1);
        notification.Signal(1);
        notification.Signal(8);
        binding.Dispose();
        binding.Dispose();
        Ports.AssertQuiet(port);
        Assert.True(binding.IsStale);
        Assert.False(binding.Mask() || binding.Unmask() || binding.Acknowledge() || binding.Rearm() || binding.Modify(default));
        Assert.Equal(0, port.BindingCount);

        port.Bind(notification, 2);
        Packet packet = Ports.Next(port);
        Assert.Equal((2ul, 9u, 2u), (packet.Key, packet.Signals, packet.Count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-08")]
    public void Packet_OfABindingThatEnded_IsStale(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = port.Bind(notification, 1);
        notification.Signal(1);
        Packet packet = Ports.Next(port);
        Assert.False(packet.IsStale);
        Assert.Equal(binding, packet.Binding);
        binding.Dispose();
        Assert.True(packet.IsStale);
        Assert.True(port.Bind(notification, 1) != packet.Binding);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-21")]
    public void Bind_ASecondTime_IsRefusedAndLeavesTheFirst(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel), other = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1);
        Assert.Throws<InvalidOperationException>(() => port.Bind(notification, 2));
        Assert.Throws<InvalidOperationException>(() => other.Bind(notification, 2));
        Assert.Equal((1, 0), (port.BindingCount, other.BindingCount));
        notification.Signal(1);
        Assert.Equal(1ul, Ports.Next(port).Key);
        Assert.Throws<ArgumentException>(() => port.Bind(new Notification(), 1, new BindingOptions { Priority = 16 }));
        Assert.Throws<ArgumentException>(() => port.Bind(new Notification(), 1, new BindingOptions { Mode = (TriggerMode)9 }));
        Assert.Equal(1, port.BindingCount);
    }
}
