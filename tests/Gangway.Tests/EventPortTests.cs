// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Tests;

/// <summary>A port and its sources, on each backend.</summary>
public sealed class EventPortTests
{
    public static TheoryData<bool> Backends => [false, true];

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-01")]
    [Rule("EV-02")]
    [Rule("EV-04")]
    public void Signals_OfOneSource_AreOnePacket(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        var notification = new Notification();
        port.Bind(notification, key: 42);
        for (int i = 0; i < 1000; i++)
            notification.Signal(1u << (i % 4));

        Packet packet = Next(port);
        Assert.Equal((42ul, PacketKind.Notification, 0xFu, 1000u), (packet.Key, packet.Kind, packet.Signals, packet.Count));
        Assert.False(port.TryWait(out _));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-07")]
    public void Signal_BeforeTheBind_IsDeliveredAfterIt(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        var notification = new Notification();
        notification.Signal(5);
        port.Bind(notification, key: 1);
        Assert.Equal(5u, Next(port).Signals);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void Signal_OfAnotherThread_WakesTheWaiter(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        var notification = new Notification();
        port.Bind(notification, key: 1, new BindingOptions { Mode = TriggerMode.Edge });
        for (int i = 0; i < 100; i++)
        {
            var signaller = new Thread(() => notification.Signal(1));
            signaller.Start();
            Assert.Equal(1u, Next(port).Signals);
            signaller.Join();
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-13")]
    public void Post_OverTheQuota_IsRefusedAndToldOnce(bool usesKernel)
    {
        using var port = new EventPort(new EventPortOptions { UsesKernel = usesKernel, PostedMax = 3 });
        var space = new Notification();
        for (int i = 0; i < 3; i++)
            Assert.True(port.TryPost(7, PacketPayload.Of(i)));
        Assert.False(port.TryPost(7, spaceAvailable: space));
        Assert.False(port.TryPost(7, spaceAvailable: space));
        Assert.True(space.Poll().IsEmpty);
        for (int i = 0; i < 3; i++)
            Assert.Equal(i, Next(port).Payload.ReadInt64());
        Assert.Equal(1u, space.Poll().Count);
        Assert.True(port.TryPost(7));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Timer_WithAPeriod_ComesAndCounts(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        var timer = new EventTimer();
        port.Bind(timer, key: 9, new BindingOptions { Mode = TriggerMode.Edge });
        timer.Set(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
        Assert.Equal((9ul, PacketKind.Timer), (Next(port).Key, PacketKind.Timer));
        Thread.Sleep(40);
        Assert.InRange(Next(port).Count, 2u, 100_000u);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void Dispose_WhileManyWait_TellsEach(bool usesKernel)
    {
        for (int round = 0; round < 20; round++)
        {
            EventPort port = Port(usesKernel);
            Thread[] waiters = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => Assert.Throws<ObjectDisposedException>(() => Next(port))))];
            foreach (Thread waiter in waiters)
                waiter.Start();
            Thread.Sleep(round % 3);
            port.Dispose();
            foreach (Thread waiter in waiters)
                Watchdog.Join(waiter);
        }
    }

    private static EventPort Port(bool usesKernel) => new(new EventPortOptions { UsesKernel = usesKernel });

    private static Packet Next(EventPort port)
    {
        var packets = new Packet[1];
        Assert.Equal(1, port.Wait(packets, Deadline.After(Watchdog.Bound)));
        return packets[0];
    }
}
