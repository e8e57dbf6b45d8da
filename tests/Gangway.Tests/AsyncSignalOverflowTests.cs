// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>The bounded queue of an <see cref="AsyncSignalSource"/>: its overflow, several threads, and what it allocates.</summary>
public sealed class AsyncSignalOverflowTests(ITestOutputHelper output)
{
    private const int Quota = 4;
    private const ulong PollKey = 99;

    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-08")]
    public void TwelveEvents_WithAQuotaOfFour_AreOnePollEverything(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, PollKey, Quota);
        Notification[] all = [.. Enumerable.Range(0, 12).Select(_ => new Notification())];
        for (int i = 0; i < all.Length; i++)
            source.Add(all[i], (ulong)i);
        for (int round = 0; round < 3; round++)
        {
            foreach (Notification notification in all)
                notification.Signal(1);
            Packet packet = Ports.Next(owner);
            Assert.Equal((PollKey, PacketKind.PollEverything, 12u), (packet.Key, packet.Kind, packet.Count));
            Ports.AssertQuiet(owner);

            // What nobody was told of is where it was.
            Assert.All(all, notification => Assert.Equal(new Signals(1, 1), notification.Poll()));

            // As many as the quota are events of their own, also right behind an overflow.
            foreach (Notification notification in all[..Quota])
                notification.Signal();
            Assert.Equal([0ul, 1ul, 2ul, 3ul], Ports.Keys(owner));
        }
    }

    /// <summary>One source storms: it waits once, and never overflows.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-08")]
    public void TwelveEvents_OfOneSource_AreOneEvent(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, PollKey, quota: 1);
        Notification storm = new(), other = new();
        source.Add(storm, key: 1);
        for (int i = 0; i < 12; i++)
            storm.Signal();
        Assert.Equal((1ul, 12u), (Ports.Next(owner) is var packet ? packet.Key : 0, packet.Count));
        source.Add(other, key: 2);
        storm.Signal();
        other.Signal();
        Assert.Equal([PollKey], Ports.Keys(owner));
    }

    /// <summary>Writers on twelve pipes, and a consumer that reads only what it is told of.</summary>
    [Theory]
    [Rule("RD-08")]
    [InlineData(true)]
    [InlineData(false)]
    public void Consumer_LosesNoData_IfItPollsEverythingWhenTold(bool obeys)
    {
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(200, 1_000, 50_000);
        BytePair[] pairs = [.. Enumerable.Range(0, 12).Select(_ => new BytePair("pipe"))];
        long written = 0, seen = 0, overflows = 0, events = 0;
        Watchdog.Run(() =>
        {
            using EventPort owner = Ports.Make(true);
            using var source = new AsyncSignalSource(owner, PollKey, Quota);
            for (int i = 0; i < pairs.Length; i++)
                source.Add(pairs[i].Reader, DescriptorEvents.Readable, (ulong)i);
            Random random = seed.Random();
            byte[] buffer = new byte[64];
            for (int round = 0; round < rounds; round++)
            {
                for (int writes = random.Next(12); writes > 0; writes--)
                    written += pairs[random.Next(pairs.Length)].Write(random.Next(1, 100));
                for (int takes = random.Next(8); takes > 0 && owner.TryWait(out Packet packet); takes--)
                    Consume(packet);
            }

            while (owner.TryWait(out Packet packet))
                Consume(packet);

            void Consume(Packet packet)
            {
                if (packet.Kind != PacketKind.PollEverything)
                {
                    events++;
                    seen += pairs[packet.Key].Drain(buffer);
                    return;
                }

                overflows++;
                if (obeys)
                    seen += pairs.Sum(pair => pair.Drain(buffer));
            }
        });
        output.WriteLine($"{written} bytes written, {seen} read, {events} events, {overflows} overflows");
        foreach (BytePair pair in pairs)
            pair.Dispose();
        Assert.True(overflows > 0 && events > 0, "one of the two roads was never taken");
        Assert.Equal(obeys, written == seen);
    }

    /// <summary>Writers, consumers that share the owner, and a thread that adds, switches and disposes.</summary>
    [Fact]
    [Rule("RD-07")]
    [Rule("RD-08")]
    public void Threads_ThatWriteConsumeAndSwitch_LoseNoDataOfWhatStaysOn()
    {
        const int Writers = 2, Consumers = 2, Steady = 8;
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(500, 3_000, 200_000);
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, PollKey, Quota);
        BytePair[] pairs = [.. Enumerable.Range(0, Steady).Select(_ => new BytePair("socketpair"))];
        for (int i = 0; i < Steady; i++)
            source.Add(pairs[i].Reader, DescriptorEvents.Readable, (ulong)i);
        long written = 0, seen = 0, overflows = 0;
        int writing = Writers;
        Threads.Run(Writers + Consumers + 1, number =>
        {
            Random random = seed.Random(number);
            byte[] buffer = new byte[256];
            if (number < Writers)
            {
                for (int i = 0; i < rounds; i++)
                    Interlocked.Add(ref written, pairs[random.Next(Steady)].Write(random.Next(1, 50)));
                Interlocked.Decrement(ref writing);
            }
            else if (number < Writers + Consumers)
            {
                var packets = new Packet[3];
                while (Volatile.Read(ref writing) != 0 || Interlocked.Read(ref seen) != Interlocked.Read(ref written))
                {
                    int count = owner.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(1)));
                    foreach (Packet packet in packets[..count])
                    {
                        if (packet.Kind == PacketKind.PollEverything)
                        {
                            Interlocked.Increment(ref overflows);
                            Interlocked.Add(ref seen, pairs.Sum(pair => pair.Drain(buffer)));
                        }
                        else if (packet.Key < Steady)
                        {
                            Interlocked.Add(ref seen, pairs[packet.Key].Drain(buffer));
                        }
                    }
                }
            }
            else
            {
                var notification = new Notification();
                using var pair = new BytePair("pipe");
                while (Volatile.Read(ref writing) != 0)
                {
                    using AsyncSignal first = source.Add(notification, key: 50), second = source.Add(pair.Reader, DescriptorEvents.Readable, key: 51);
                    notification.Signal();
                    pair.Write(1);
                    if (random.Next(2) == 0)
                        first.TurnOff();
                    pair.Read(1);
                    second.TurnOff();
                    second.TurnOn();
                }
            }
        });
        output.WriteLine($"{written} bytes, {overflows} overflows");
        Assert.Equal(written, seen);
        Assert.Equal(Steady + 1, owner.BindingCount);
        foreach (BytePair pair in pairs)
            pair.Dispose();
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-07")]
    [Rule("EV-08")]
    public void TurnOff_WhileOthersSignal_LeavesNoEventForALaterWait(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, PollKey, Quota);
        var notification = new Notification();
        AsyncSignal signal = source.Add(notification, key: 1);
        int rounds = TestLevel.Pick(1_000, 5_000, 300_000), running = 1, late = 0, taken = 0;
        long signalled = 0, counted = 0;
        Threads.Run(2, number =>
        {
            if (number == 0)
            {
                for (; Volatile.Read(ref running) != 0; signalled++)
                    notification.Signal();
                return;
            }

            Packet packet;
            for (int i = 0; i < rounds; i++)
            {
                signal.TurnOn();
                if (i % 16 == 0 ? (packet = Ports.Next(owner)).Key == 1 : owner.TryWait(out packet))
                {
                    taken++;
                    counted += packet.Count;
                }

                signal.TurnOff();
                late += owner.TryWait(out _) ? 1 : 0;
            }

            Volatile.Write(ref running, 0);
        });
        Assert.Equal(0, late);
        Assert.InRange(taken, rounds / 16, rounds);
        Assert.Equal(signalled, counted + notification.Poll().Count);
    }

    /// <summary>One thread adds and disposes, others wait: an event that is on its way through the queue must not come late.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-07")]
    [Rule("EV-08")]
    public void Dispose_BesideOthersThatWait_IsFollowedByNoEventInALaterWait(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, PollKey << 32, Quota);
        var notification = new Notification();
        int rounds = TestLevel.Pick(3_000, 20_000, 1_000_000), taken = 0, late = 0;
        long ended = 0, signalled = 0, counted = 0;
        Threads.Run(4, number =>
        {
            if (number == 0)
            {
                for (long i = 1; i <= rounds; i++)
                {
                    using (source.Add(notification, (ulong)i))
                    {
                        notification.Signal();
                        Thread.SpinWait((int)(i % 64));
                    }

                    Volatile.Write(ref ended, i);
                }

                Volatile.Write(ref ended, long.MaxValue);
                return;
            }

            if (number == 1)
            {
                for (; Volatile.Read(ref ended) != long.MaxValue; signalled++)
                    notification.Signal();
                return;
            }

            var packets = new Packet[2];
            for (long before = 0; before != long.MaxValue;)
            {
                before = Volatile.Read(ref ended);
                int count = owner.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(1)));
                foreach (Packet packet in packets[..count])
                {
                    Interlocked.Increment(ref taken);
                    Interlocked.Add(ref counted, packet.Count);
                    if ((long)packet.Key <= before)
                        Interlocked.Increment(ref late);
                }
            }
        });
        output.WriteLine($"{taken} events of {rounds} rounds");
        Assert.Equal(0, late);
        Assert.True(taken > 0, "no event was taken");
        Assert.Equal(signalled + rounds, counted + notification.Poll().Count);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-22")]
    public void EventsAndOverflows_OnceWarm_AllocateNothing(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, PollKey, Quota);
        Assert.Equal(Errno.None, EventFd.Create(out EventFd? eventFd));
        Notification[] all = [.. Enumerable.Range(0, 6).Select(_ => new Notification())];
        for (int i = 0; i < all.Length; i++)
            source.Add(all[i], (ulong)i);
        if (usesKernel)
            source.Add(eventFd!, DescriptorEvents.Readable, key: 50);
        long least = long.MaxValue;
        Watchdog.Run(() =>
        {
            for (int round = 0; round < 8; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 2_000; i++)
                {
                    for (int k = 0; k < (i % 2 == 0 ? 3 : 6); k++)
                        all[k].Signal();
                    eventFd!.Signal();
                    while (owner.TryWait(out _))
                    {
                    }
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        });
        eventFd!.Dispose();
        Assert.InRange(least, 0, 64);
    }
}
