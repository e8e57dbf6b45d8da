// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Many waiters: each packet to exactly one, none lost, whatever else goes on.</summary>
public sealed class EventPortWaiterTests
{
    private const int Waiters = 8;

    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void EightWaiters_ShareTheSources_AndEachSignalGoesToOne(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        int rounds = TestLevel.Pick(1_000, 5_000, 100_000);
        Notification[] all = [.. Enumerable.Range(0, 4).Select(_ => new Notification())];
        for (int i = 0; i < all.Length; i++)
            port.Bind(all[i], (ulong)i, Ports.Edge);
        var counted = new long[all.Length];
        Threads.Run(Waiters + all.Length, number =>
        {
            if (number < all.Length)
            {
                // The next signal only when the one before was taken: a lost wake-up stops everything.
                for (int i = 0; i < rounds; i++)
                {
                    all[number].Signal(1);
                    while (Volatile.Read(ref counted[number]) <= i)
                        Thread.Yield();
                }

                return;
            }

            var packets = new Packet[number % 3 + 1];
            while (counted.Sum() < (long)all.Length * rounds)
            {
                int count = port.Wait(packets, Deadline.After(number % 2 == 0 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromMilliseconds(3)));
                foreach (Packet packet in packets[..count])
                    Interlocked.Add(ref counted[packet.Key], packet.Count);
            }
        });
        Assert.All(counted, count => Assert.Equal(rounds, count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void TwoWaiters_ThatWaitForEver_AreEachWoken(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        int rounds = TestLevel.Pick(2_000, 10_000, 100_000);
        int taken = 0;
        Threads.Run(3, number =>
        {
            if (number == 0)
            {
                for (int i = 0; i < rounds; i++)
                {
                    // Two packets for two waiters with one place: the second must not stay behind the first's poller.
                    Assert.True(port.TryPost(0) && port.TryPost(0));
                    while (Volatile.Read(ref taken) < 2 * (i + 1))
                        Thread.Yield();
                }

                port.TryPost(1);
                port.TryPost(1);
                return;
            }

            while (Ports.Next(port).Key == 0)
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(2 * rounds, taken);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-02")]
    [Rule("EV-08")]
    [Rule("EV-16")]
    [Rule("EV-17")]
    public void Stress_BindMaskModifyAndUnbind_LosesNoSignal(bool usesKernel)
    {
        const int Signallers = 3, Changers = 2, Takers = 3, Sources = 4;
        using EventPort port = Ports.Make(usesKernel);
        int changes = TestLevel.Pick(10_000, 50_000, 1_000_000);
        var all = new Notification[Sources];
        for (int i = 0; i < Sources; i++)
            all[i] = new Notification();
        var signalled = new long[Sources];
        var counted = new long[Sources];
        var bits = new int[Sources];
        var asked = new int[Sources];
        int changing = Changers, stale = 0, hasTaken = 0;
        Threads.Run(Signallers + Changers + Takers, number =>
        {
            var random = new Random(Ports.Seed + number);
            if (number < Signallers)
            {
                while (Volatile.Read(ref changing) != 0)
                {
                    int source = random.Next(Sources);
                    all[source].Signal(1u << number);
                    Interlocked.Increment(ref signalled[source]);
                    Interlocked.Or(ref asked[source], 1 << number);
                    if (random.Next(64) == 0)
                        Thread.Yield();
                }
            }
            else if (number < Signallers + Changers)
            {
                int own = number - Signallers;
                for (int i = 0; i < changes || Volatile.Read(ref hasTaken) == 0; i++)
                {
                    int source = random.Next(Sources / Changers) * Changers + own;
                    var options = new BindingOptions { Mode = (TriggerMode)(random.Next(2) * 3), Priority = random.Next(16), IsMasked = random.Next(4) == 0 };
                    Binding binding = port.Bind(all[source], (ulong)source, options);
                    for (int steps = random.Next(4); steps > 0; steps--)
                        _ = random.Next(4) switch
                        {
                            0 => binding.Mask(),
                            1 => binding.Unmask(),
                            2 => binding.Modify(options with { Priority = random.Next(16), Mode = TriggerMode.Edge }),
                            _ => binding.Acknowledge(),
                        };
                    binding.Dispose();
                }

                Interlocked.Decrement(ref changing);
            }
            else
            {
                var packets = new Packet[3];
                while (Volatile.Read(ref changing) != 0)
                {
                    int count = port.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(2)));
                    foreach (Packet packet in packets[..count])
                    {
                        Volatile.Write(ref hasTaken, 1);
                        Interlocked.Add(ref counted[packet.Key], packet.Count);
                        Interlocked.Or(ref bits[packet.Key], (int)packet.Signals);
                        if (packet.IsStale)
                            Interlocked.Increment(ref stale);
                    }
                }
            }
        });
        for (int i = 0; i < Sources; i++)
        {
            Signals left = all[i].Poll();
            Assert.Equal(signalled[i], counted[i] + left.Count);
            Assert.Equal((uint)asked[i], (uint)bits[i] | left.Bits);
        }

        Assert.Equal(0, port.BindingCount);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-17")]
    public void Wakes_ForNothing_EndNoWait(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1, Ports.Edge);
        int done = 0;
        Threads.Run(2, number =>
        {
            if (number == 0)
            {
                for (int i = 0; i < 2000; i++)
                {
                    // Something links the node, and somebody else has it before the port comes.
                    notification.Signal(1);
                    notification.Poll();
                }

                Volatile.Write(ref done, 1);
                notification.Signal(2);
                return;
            }

            while (Ports.Next(port).Signals is var signals && (signals & 2) == 0)
                Assert.Equal(1u, signals);
            Assert.Equal(1, Volatile.Read(ref done));
        });
    }
}
