// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Ending bindings by key, and ports in every order.</summary>
public sealed class EventPortCancelTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-14")]
    public void Cancel_EndsBindingsAndDropsPackets_OfTheKeyOnly(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        Notification[] all = [new(), new(), new(), new()];
        for (int i = 0; i < all.Length; i++)
            port.Bind(all[i], (ulong)(i % 2));
        foreach (Notification notification in all[..3])
            notification.Signal(2);
        port.TryPost(0);
        port.TryPost(1);
        port.TryPost(0);
        Assert.Equal(4, port.Cancel(0));
        Assert.Equal(0, port.Cancel(0));
        Assert.Equal([1ul, 1ul], Ports.Keys(port));
        Assert.Equal(2, port.BindingCount);
        Assert.Equal(new Signals(2, 1), all[0].Poll());
        all[0].Signal();
        Ports.AssertQuiet(port);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-13")]
    [Rule("EV-14")]
    public void Cancel_OfPostedPackets_MakesRoomForOthers(bool usesKernel)
    {
        using var port = new EventPort(new EventPortOptions { UsesKernel = usesKernel, PostedMax = 2 });
        var space = new Notification();
        Assert.True(port.TryPost(1) && port.TryPost(1));
        Assert.False(port.TryPost(2, spaceAvailable: space));
        Assert.Equal(2, port.Cancel(1));
        Assert.Equal(1u, space.Poll().Count);
        Assert.True(port.TryPost(2) && port.TryPost(3));
        Assert.Equal([2ul, 3ul], Ports.Keys(port));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-14")]
    public void Cancel_WhileOthersSignalAndPost_LeavesNothingForALaterWait(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        int rounds = TestLevel.Pick(1_000, 3_000, 200_000);
        var notification = new Notification();
        int running = 1;
        int late = 0;
        Threads.Run(3, number =>
        {
            switch (number)
            {
                case 0:
                    for (int i = 1; i <= rounds; i++)
                    {
                        port.Bind(notification, (ulong)i);
                        int expected = port.TryPost((ulong)i) ? 2 : 1;
                        notification.Signal();
                        late += port.Cancel((ulong)i) == expected ? 0 : 1_000_000;
                        late += port.TryWait(out Packet packet) && packet.Key != 0 ? 1 : 0;
                    }

                    Volatile.Write(ref running, 0);
                    break;
                case 1:
                    while (Volatile.Read(ref running) != 0)
                        notification.Signal(1);
                    break;
                default:
                    while (Volatile.Read(ref running) != 0)
                        port.TryPost(0);
                    break;
            }
        });
        Assert.Equal(0, late);
    }

    [Theory]
    [Rule("EV-16")]
    [InlineData(false)]
    [InlineData(true)]
    public void Ends_InAnyOrder_OfPortBindingAndWaiter(bool usesKernel)
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (bool isSignalled in (bool[])[false, true])
        {
            foreach (int[] order in orders)
            {
                EventPort port = Ports.Make(usesKernel);
                var notification = new Notification();
                Binding binding = port.Bind(notification, 1);
                var stop = new Notification();
                port.Bind(stop, 2, Ports.Edge);
                var waiter = new Thread(() =>
                {
                    try
                    {
                        while (Ports.Next(port).Key != 2)
                        {
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                });
                if (!isSignalled)
                    waiter.Start();
                else
                    notification.Signal(4);
                foreach (int step in order)
                {
                    switch (step)
                    {
                        case 0:
                            port.Dispose();
                            port.Dispose();
                            break;
                        case 1:
                            binding.Dispose();
                            break;
                        default:
                            stop.Signal();
                            break;
                    }
                }

                if (!isSignalled)
                    Watchdog.Join(waiter);
                Assert.True(binding.IsStale);
                Assert.Equal(isSignalled ? 4u : 0u, notification.Poll().Bits);
                notification.Signal(1);
                Assert.Equal(1u, notification.Poll().Bits);
                Assert.Equal(0, port.BindingCount);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void Port_Disposed_RefusesEverything(bool usesKernel)
    {
        EventPort port = Ports.Make(usesKernel);
        port.Dispose();
        Assert.Throws<ObjectDisposedException>(() => port.Wait(new Packet[1]));
        Assert.Throws<ObjectDisposedException>(() => port.TryWait(out _));
        Assert.Throws<ObjectDisposedException>(() => port.TryPost(1));
        Assert.Throws<ObjectDisposedException>(() => port.Bind(new Notification(), 1));
        Assert.Throws<ObjectDisposedException>(() => port.Bind(new EventTimer(), 1));
        Assert.Equal(0, port.Cancel(1));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void Dispose_WhileOthersBindSignalAndWait_EndsThemAll(bool usesKernel)
    {
        for (int round = 0; round < 100; round++)
        {
            EventPort port = Ports.Make(usesKernel);
            Notification[] all = [new(), new(), new()];
            Threads.Run(5, number =>
            {
                if (number == 4)
                {
                    Thread.SpinWait(round * 100);
                    port.Dispose();
                    return;
                }

                try
                {
                    while (true)
                    {
                        if (number == 3)
                        {
                            port.Wait(new Packet[2]);
                            continue;
                        }

                        Binding binding = port.Bind(all[number], 1);
                        all[number].Signal(1);
                        binding.Dispose();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });
            Assert.Equal(0, port.BindingCount);
            foreach (Notification notification in all)
            {
                notification.Signal(2);
                Assert.Equal(2u, notification.Poll().Bits & 2);
            }
        }
    }
}
