// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A notification by itself, and between its bindings.</summary>
public sealed class NotificationTests
{
    [Fact]
    [Rule("EV-02")]
    public void Poll_TakesBitsAndCountAtOnce()
    {
        var notification = new Notification();
        Assert.True(notification.Poll().IsEmpty);
        notification.Signal(1);
        notification.Signal(4);
        notification.Signal();
        Assert.Equal(new Signals(5, 3), notification.Poll());
        Assert.True(notification.Poll().IsEmpty);
    }

    [Fact]
    [Rule("EV-02")]
    public void Wait_WhileThreadsSignalTheirOwnBits_SeesEachAfterItsLastSignal()
    {
        var notification = new Notification();
        int rounds = TestLevel.Pick(2_000, 20_000, 200_000);
        for (int waiters = 1; waiters <= 3; waiters += 2)
        {
            long counted = 0;
            int done = 0, seen = 0;
            Threads.Run(4 + waiters, number =>
            {
                if (number < 4)
                {
                    for (int i = 0; i < rounds; i++)
                        notification.Signal(1u << number);
                    if (Interlocked.Increment(ref done) == 4)
                        notification.Signal(1u << 31);
                    return;
                }

                while ((Volatile.Read(ref seen) & 1 << 31) == 0)
                {
                    Signals signals = notification.Wait(Deadline.After(TimeSpan.FromMilliseconds(100)));
                    Interlocked.Add(ref counted, signals.Count);
                    Interlocked.Or(ref seen, (int)signals.Bits);
                }
            });
            Assert.Equal((4L * rounds + 1, 0x8000000F), (counted, (uint)seen));
        }
    }

    [Fact]
    [Rule("EV-02")]
    public void Word_ThatWasClosed_GivesNothingTwice()
    {
        using EventPort port = Ports.Make(false);
        var node = new SourceNode(port, 1, PacketKind.Notification, default);
        Assert.True(node.TryHold(1, 1));
        Assert.True(node.TryClose(out Signals left, out bool wasLinked));
        Assert.Equal((new Signals(1, 1), false), (left, wasLinked));
        Assert.False(node.TryTake(out Signals signals));
        Assert.True(signals.IsEmpty);
        Assert.False(node.TryHold(1, 1) || node.TrySignal(1));
    }

    [Fact]
    public void Wait_UntilADeadline_IsEmpty()
    {
        var notification = new Notification();
        Assert.True(notification.Wait(Deadline.After(TimeSpan.FromMilliseconds(5))).IsEmpty);
        notification.Signal();
        Assert.Equal(1u, notification.Wait(Deadline.After(TimeSpan.Zero)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("EV-02")]
    [Rule("EV-08")]
    public void BindAndUnbind_WhileSignalledAndPolled_LosesAndDoublesNothing(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        int rounds = TestLevel.Pick(30_000, 100_000, 1_000_000);
        long counted = 0, polled = 0, signalled = 0, bound = 0;
        int running = 2;
        Threads.Run(4, number =>
        {
            switch (number)
            {
                case 0 or 1:
                    // Until the others have met it: they may have been slow to begin.
                    long own = 0;
                    for (; own < rounds || Volatile.Read(ref bound) < 1000 || Volatile.Read(ref polled) == 0; own++)
                        notification.Signal(1);
                    Interlocked.Add(ref signalled, own);
                    Interlocked.Decrement(ref running);
                    break;
                case 2:
                    for (int i = 0; Volatile.Read(ref running) != 0; i++)
                    {
                        Binding binding = port.Bind(notification, 1, i % 3 == 0 ? Ports.Edge : default);
                        if (i % 2 == 0 && port.TryWait(out Packet packet))
                            Interlocked.Add(ref counted, packet.Count);
                        if (i % 5 == 0)
                            port.Cancel(1);
                        binding.Dispose();
                        bound++;
                    }

                    break;
                default:
                    while (Volatile.Read(ref running) != 0)
                    {
                        uint count = notification.Poll().Count;
                        polled += count;
                        Interlocked.Add(ref counted, count);
                    }

                    break;
            }
        });
        Assert.Equal(signalled, counted + notification.Poll().Count);
    }

    [Fact]
    [Rule("EV-16")]
    public void Cancel_WhileItIsBeingBound_LeavesItUsable()
    {
        int rounds = TestLevel.Pick(20_000, 100_000, 1_000_000);
        using EventPort port = Ports.Make(false);
        Notification[] all = [new(), new()];
        int running = 1;
        int cancelled = 0;
        Threads.Run(2, number =>
        {
            if (number == 0)
            {
                try
                {
                    for (int i = 0; i < rounds || Volatile.Read(ref cancelled) == 0; i++)
                    {
                        Notification notification = all[i & 1];
                        Binding binding = port.Bind(notification, 1);
                        notification.Signal(1);
                        binding.Dispose();
                        Assert.Equal(new Signals(1, 1), notification.Wait());
                    }
                }
                finally
                {
                    Volatile.Write(ref running, 0);
                }
            }
            else
            {
                while (Volatile.Read(ref running) != 0)
                    cancelled += port.Cancel(1);
            }
        });
        Assert.Equal(0, port.BindingCount);
    }

    [Fact]
    [Rule("EV-16")]
    public void DoubleBind_WhileItsKeyIsCancelled_EndsNothingElse()
    {
        using EventPort port = Ports.Make(false);
        var notification = new Notification();
        port.Bind(notification, 1);
        int rounds = TestLevel.Pick(2_000, 10_000, 100_000);
        int running = 1;
        Threads.Run(2, number =>
        {
            if (number == 0)
            {
                for (int i = 0; i < rounds; i++)
                    Assert.Throws<InvalidOperationException>(() => port.Bind(notification, 2));
                Volatile.Write(ref running, 0);
            }
            else
            {
                while (Volatile.Read(ref running) != 0)
                    port.Cancel(2);
            }
        });
        Assert.Equal(1, port.BindingCount);
        notification.Signal(1);
        Assert.Equal(1ul, Ports.Next(port).Key);
    }

    [Fact]
    [Rule("EV-15")]
    public void Unbind_RightBehindADeliveryOfNothing_FreesItsPlaceOnce()
    {
        using EventPort port = Ports.Make(false);
        int rounds = TestLevel.Pick(100_000, 300_000, 1_000_000);
        int running = 2;
        Threads.Run(3, number =>
        {
            if (number == 2)
            {
                // Without a sleep: it is to meet as many of them as it can.
                while (Volatile.Read(ref running) != 0)
                    port.TryWait(out _);
                return;
            }

            var notification = new Notification();
            for (int i = 0; i < rounds; i++)
            {
                Binding binding = port.Bind(notification, (ulong)number);
                notification.Signal();
                notification.Poll();
                Thread.SpinWait(i & 15);
                binding.Dispose();
            }

            Interlocked.Decrement(ref running);
        });
        Assert.Equal(0, port.BindingCount);
        var bound = new Notification[200];
        for (int i = 0; i < bound.Length; i++)
            port.Bind(bound[i] = new Notification(), (ulong)i);
        foreach (Notification one in bound)
            one.Signal();
        Assert.Equal(Enumerable.Range(0, bound.Length).Select(i => (ulong)i), Ports.Keys(port));
    }
}
