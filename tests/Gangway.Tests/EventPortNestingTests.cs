// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Reflection;
using Gangway.Testing;
using Xunit;

namespace Gangway.Tests;

/// <summary>A port that is bound to a port.</summary>
public sealed class EventPortNestingTests
{
    public static TheoryData<bool, TriggerMode> Ports => new()
    {
        { false, TriggerMode.OneShot }, { false, TriggerMode.Edge }, { false, TriggerMode.Level }, { false, TriggerMode.Acknowledge },
        { true, TriggerMode.OneShot }, { true, TriggerMode.Edge }, { true, TriggerMode.Level }, { true, TriggerMode.Acknowledge },
    };

    [Theory]
    [MemberData(nameof(Ports))]
    [Rule("EV-19")]
    public void Signal_InTheInnerPort_ComesOutOfTheOuter(bool usesKernel, TriggerMode mode)
    {
        using EventPort outer = Port(usesKernel), inner = Port(usesKernel);
        Binding binding = outer.Bind(inner, key: 77, new BindingOptions { Mode = mode });
        var notification = new Notification();
        inner.Bind(notification, key: 5, new BindingOptions { Mode = TriggerMode.Edge });
        for (int i = 0; i < 20; i++)
        {
            var signaller = new Thread(() => notification.Signal(1));
            signaller.Start();
            Packet packet = Next(outer);
            signaller.Join();
            Assert.Equal((77ul, PacketKind.Port), (packet.Key, packet.Kind));
            Assert.Equal(5ul, Next(inner).Key);
            Assert.False(inner.TryWait(out _));
            if (mode is TriggerMode.OneShot or TriggerMode.Acknowledge)
                binding.Rearm();
            while (outer.TryWait(out _))
            {
                // At most one, of before the inner port was emptied.
            }
        }
    }

    // Nobody waits on the inner port: its times and descriptors are found all the same.
    [Fact]
    [Rule("EV-19")]
    public void TimerAndDescriptor_OfTheInnerPort_WakeTheOuter()
    {
        using EventPort outer = Port(usesKernel: true), inner = Port(usesKernel: true);
        outer.Bind(inner, key: 1, new BindingOptions { Mode = TriggerMode.Level });
        var timer = new EventTimer();
        inner.Bind(timer, key: 2);
        timer.Set(TimeSpan.FromMilliseconds(20));
        Assert.Equal(PacketKind.Port, Next(outer).Kind);
        Assert.Equal((2ul, PacketKind.Timer), (Next(inner).Key, PacketKind.Timer));

        using Pair sockets = Pair.Make();
        using Binding bound = inner.Bind(sockets.One, DescriptorEvents.Readable, key: 3);
        Assert.False(inner.TryWait(out _));
        var writer = new Thread(() =>
        {
            Thread.Sleep(20);
            sockets.Other.Send([1]);
        });
        writer.Start();
        Packet packet = Next(outer);
        writer.Join();
        Assert.Equal(PacketKind.Port, packet.Kind);
        Assert.Equal((3ul, PacketKind.Descriptor), (Next(inner).Key, PacketKind.Descriptor));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("EV-19")]
    public void TimerOfTheInnerPort_SetWhileTheOuterSleeps_WakesIt(bool usesKernel)
    {
        using EventPort outer = Port(usesKernel), inner = Port(usesKernel);
        outer.Bind(inner, key: 1);
        var timer = new EventTimer();
        inner.Bind(timer, key: 2);
        var setter = new Thread(() =>
        {
            Thread.Sleep(20);
            timer.Set(TimeSpan.FromMilliseconds(5));
        });
        setter.Start();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(PacketKind.Port, Next(outer).Kind);

        // A sleeper that is not woken finds it when its own deadline comes.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Watchdog.Bound / 2);
        setter.Join();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cycles_AndMoreThanFiveDeep_AreRefused(bool usesKernel)
    {
        EventPort[] ports = [.. Enumerable.Range(0, 6).Select(_ => Port(usesKernel))];
        Assert.Throws<InvalidOperationException>(() => ports[0].Bind(ports[0], 0));
        for (int i = 0; i < 4; i++)
            ports[i].Bind(ports[i + 1], 0);
        Assert.Throws<InvalidOperationException>(() => ports[4].Bind(ports[0], 0));
        Assert.Throws<InvalidOperationException>(() => ports[4].Bind(ports[5], 0));
        Assert.Throws<InvalidOperationException>(() => ports[5].Bind(ports[0], 0));

        // Once it is let go, it may.
        Assert.Equal(1, ports[3].Cancel(0));
        ports[5].Bind(ports[0], 0);
        foreach (EventPort port in ports)
            port.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("EV-16")]
    public void Dispose_OfEither_LeavesTheOther(bool usesKernel)
    {
        for (int i = 0; i < 2; i++)
        {
            EventPort outer = Port(usesKernel), inner = Port(usesKernel);
            outer.Bind(inner, 1);
            (i == 0 ? outer : inner).Dispose();
            EventPort left = i == 0 ? inner : outer;
            Assert.True(left.TryPost(9));
            Assert.Equal(9ul, Next(left).Key);
            left.Dispose();
        }
    }

    // Who sleeps in the outer port has looked into the inner one before, and let its connections rest. Then somebody waits there
    // directly, and goes while they are hot: no bell rings for those.
    [Fact]
    [Rule("EV-19")]
    public void HotConnections_ThatAWaiterOfTheInnerPortLeaves_AreServedByWhoSleepsInTheOuter()
    {
        using EventPort outer = Port(true), inner = Port(true);
        outer.Bind(inner, key: 77, new BindingOptions { Mode = TriggerMode.Level });
        int served = 0, hotRounds = 0;
        using Listener listener = Tests.Ports.Listen(inner, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                Interlocked.Increment(ref served);
                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(outer);
        using Endpoint client = Domain.Connect(listener.Address.Text);
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
        var loop = (Reactor)Insides.Field(inner, "_loop");
        for (int round = 0; round < 20; round++)
        {
            Watchdog.Until(() => !loop.IsHot && IsAsleep(outer), "the connection's rest");
            while (Insides.Invoke(inner, "TryTakeBaton") is false)
                Thread.Yield();
            int before = Volatile.Read(ref served);
            Task<CallResult> call = Task.Run(() => client.Call(1, [], []));
            while (Volatile.Read(ref served) == before)
            {
                Insides.Invoke(inner, "Look");
                Insides.Invoke(inner, "VisitLoop");
                Thread.Yield();
            }

            // The outer one's poller may have come by in vain, and would be told: it slept on, here.
            Watchdog.Until(() => IsAsleep(outer), "the outer port's sleep");
            Insides.Invoke(Insides.Field(inner, "_baton"), "Release");
            while (Insides.Invoke(inner, "TryTakeBaton") is false)
                Thread.Yield();
            hotRounds += loop.IsHot ? 1 : 0;
            Insides.Invoke(inner, "ReleaseBaton");
            Assert.True(Watchdog.Run(() => call.GetAwaiter().GetResult()).IsOk);
            Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
        }

        Assert.NotEqual(0, hotRounds);
    }

    // Who sleeps there looked before it knew of the inner port, whose bell is silent: only the bind tells it of the inner one's time.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("EV-19")]
    public void Bind_WhileTheOuterPortsPollerSleeps_WakesItForTheInnerPortsTimes(bool usesKernel)
    {
        using EventPort outer = Port(usesKernel), inner = Port(usesKernel);
        var timer = new EventTimer();
        inner.Bind(timer, key: 2);
        timer.Set(TimeSpan.FromMilliseconds(300));
        Assert.False(inner.TryWait(out _));
        ulong key = 0;
        var waiter = new Thread(() => key = NextWithoutDeadline(outer));
        waiter.Start();
        Watchdog.Until(() => IsAsleep(outer), "the outer port's sleep");
        outer.Bind(inner, key: 1, new BindingOptions { Mode = TriggerMode.Edge });
        Watchdog.Join(waiter);
        Assert.Equal(1ul, key);
    }

    // In a wait on this port, which contains another, a handler has bound something: it is in that wait still.
    [Fact]
    public void Handler_ThatBindsInAWait_IsStillRefusedAWait()
    {
        using EventPort outer = Port(true), inner = Port(true);
        outer.Bind(inner, key: 77);
        using var pipe = new Pipe();
        Exception? refusal = null;
        using Listener listener = Tests.Ports.Listen(outer, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                using (outer.Bind(pipe.Reader, DescriptorEvents.Readable, key: 5, Tests.Ports.Edge))
                    refusal = Record.Exception(() => outer.Wait(new Packet[1], Deadline.After(TimeSpan.Zero)));
                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(outer);
        using Endpoint client = Domain.Connect(listener.Address.Text);

        // It may have run on its strand for once, where it may wait.
        Watchdog.Until(
            () => Watchdog.Run(() => client.Call(1, [], [])).IsOk && refusal is InvalidOperationException, "a handler inside of the wait");
    }

    private static bool IsAsleep(EventPort port)
    {
        object inbox = Insides.Field(port, "_inbox");
        return inbox.GetType().GetProperty("MustWake", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(inbox) is true;
    }

    /// <summary>
    /// A thread that looked into the inner port is held up before it lets the baton go. What the kernel says meanwhile is
    /// told to the outer port's poller once, and that cannot look.
    /// </summary>
    [Fact]
    [Rule("EV-16")]
    public void Event_OfTheInnerPort_WhileAnotherThreadHoldsIt_ComesOutOfTheOuterAfterwards()
    {
        using EventPort outer = Port(true), inner = Port(true);
        outer.Bind(inner, key: 77, new BindingOptions { Mode = TriggerMode.Edge });
        using var pipe = new Pipe();
        inner.Bind(pipe.Reader, DescriptorEvents.Readable, key: 5, new BindingOptions { Mode = TriggerMode.Edge });
        Assert.Equal(true, Call(inner, "TryTakeBaton"));
        pipe.Write();
        ulong key = 0;
        var waiter = new Thread(() => key = NextWithoutDeadline(outer));
        waiter.Start();

        // It has taken the kernel's report, and sleeps, or is about to.
        FieldInfo looks = typeof(EventPort).GetField("_looks", BindingFlags.Instance | BindingFlags.NonPublic)!;
        Watchdog.Until(() => (long)looks.GetValue(outer)! > 0, "the outer port's look");
        for (int i = 0; i < 1_000; i++)
            Thread.Yield();
        Call(inner, "ReleaseBaton");
        Watchdog.Join(waiter);
        Assert.Equal(77ul, key);
        Assert.Equal(5ul, Next(inner).Key);

        static object? Call(EventPort port, string method) =>
            typeof(EventPort).GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(port, null);
    }

    private static EventPort Port(bool usesKernel) => new(new EventPortOptions { UsesKernel = usesKernel });

    /// <summary>The next packet's key, 0 if the port was disposed: at a deadline the waiter would look once more.</summary>
    private static ulong NextWithoutDeadline(EventPort port)
    {
        var packets = new Packet[1];
        try
        {
            port.Wait(packets);
        }
        catch (ObjectDisposedException)
        {
        }

        return packets[0].Key;
    }

    private static Packet Next(EventPort port)
    {
        var packets = new Packet[1];
        Assert.Equal(1, port.Wait(packets, Deadline.After(Watchdog.Bound)));
        return packets[0];
    }

    private sealed class Pair(System.Net.Sockets.Socket one, System.Net.Sockets.Socket other) : IDisposable
    {
        internal System.Net.Sockets.Socket One { get; } = one;

        internal System.Net.Sockets.Socket Other { get; } = other;

        internal static Pair Make()
        {
            using var listening = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            listening.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
            listening.Listen(1);
            var other = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            other.Connect(listening.LocalEndPoint!);
            return new Pair(listening.Accept(), other);
        }

        public void Dispose()
        {
            One.Dispose();
            Other.Dispose();
        }
    }
}
