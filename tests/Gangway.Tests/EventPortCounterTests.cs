// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Tests;

/// <summary>What a port's waiter costs beside many that say nothing, and how soon it finds who speaks rarely: by counters.</summary>
public sealed class EventPortCounterTests(ITestOutputHelper output)
{
    // Lanes of one connection, beside others with lanes that are silent, and notifications that are bound and silent.
    [Rule("EV-20")]
    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 100)]
    [InlineData(60, 10_000)]
    public void Wait_ManyBoundAndOneActive_ReadsTheLinesOfTheActiveOnly(int silent, int bound)
    {
        const int LinesMost = 3; // Two for the active connection, and one to spare; none for a silent one.
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        for (int i = 0; i < bound; i++)
            port.Bind(new Notification(), 1, Ports.Edge);
        var back = new Notification();
        Thread waiter = Waiting(() =>
        {
            var packets = new Packet[4];
            while (true)
            {
                foreach (Packet packet in packets.AsSpan(0, port.Wait(packets)))
                {
                    if (packet.Key == 3)
                        return;
                    if (packet.Key == 2 && (packet.Signals & NotificationSender.SenderGone) == 0)
                        back.Signal();
                }
            }
        });
        Endpoint[] clients =
        [
            .. Enumerable.Range(0, silent + 1)
                .Select(_ => Domain.Connect(listener.Address.Text, null, new EndpointOptions { LanesToSend = 1 })),
        ];
        Watchdog.Until(() => listener.Endpoints.Count == clients.Length, "the accepted endpoints");
        foreach (Endpoint endpoint in listener.Endpoints)
        {
            var lane = new Notification();
            port.Bind(lane, 2, Ports.Edge);
            endpoint.Grant(lane);
        }

        NotificationSender active = clients[0].SenderOf(0);
        var loop = (Reactor)Insides.Field(port, "_loop");
        Do(200);
        Watchdog.Until(() => !loop.IsHot, "the rest of all");

        (long turns, long lines, long looks) = Counts();
        long start = Stopwatch.GetTimestamp();
        int rounds = TestLevel.Pick(1_000, 5_000, 500_000);
        Do(rounds);
        double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        (long turnsAfter, long linesAfter, long looksAfter) = Counts();
        (turns, lines, looks) = (turnsAfter - turns, linesAfter - lines, looksAfter - looks);
        output.WriteLine($"{turns} turns, {(double)lines / turns:0.00} lines a turn, {(double)looks / rounds:0.00} looks a packet");
        Assert.InRange(turns, 1, long.MaxValue);
        Assert.True(lines <= LinesMost * turns, $"{(double)lines / turns} lines a turn");

        // A look at the kernel each 64 turns and each 50 us, and those of waits that find nothing: before a sleep, and that.
        Assert.InRange(looks, 0, 4L * rounds + turns / 64 + (long)(microseconds / 50) + 10);
        port.TryPost(3);
        Watchdog.Join(waiter);
        Array.ForEach(clients, static client => client.Dispose());

        (long, long, long) Counts()
        {
            ReactorStatistics statistics = listener.ReactorStatistics;
            return (statistics.Turns, statistics.LinesRead, (long)Insides.Field(port, "_looks"));
        }

        void Do(int count)
        {
            for (int i = 0; i < count; i++)
            {
                active.Signal(1);
                Assert.False(back.Wait(Deadline.After(Watchdog.Bound)).IsEmpty);
            }
        }
    }

    // The hot handler makes the cold descriptor ready, and runs on the thread that waits, as what takes its packet: so nothing
    // that the machine does between the two makes a difference.
    [Rule("EV-23")]
    [Fact]
    public void ColdDescriptor_BesideAConnectionAtFullRate_IsFoundAtTheNextLook()
    {
        const int Rare = 16;
        const int HotBetween = 5_000;
        const int HotAtMost = 64 * 16; // 64 turns
        using EventPort port = new();
        using var pipe = new Pipe();
        port.Bind(pipe.Reader, DescriptorEvents.Readable, 5, Ports.Edge);
        long hot = 0, hotAtWrite = 0, looksAtWrite = 0, takeoversAtWrite = 0, counted = 0, served = 0, looksBetweenMost = 0, hotBetweenMost = 0;
        int writer = 0, isOut = 0;
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Message = (_, _) =>
            {
                // So that there is always one more.
                long start = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < 2)
                    Thread.SpinWait(1);
                if (++hot % HotBetween != 0 || Volatile.Read(ref isOut) != 0)
                    return;
                writer = Environment.CurrentManagedThreadId;
                hotAtWrite = hot;
                looksAtWrite = Looks();
                takeoversAtWrite = Takeovers();
                Volatile.Write(ref isOut, 1);
                pipe.Write();
            },
        });
        Thread waiter = Waiting(() =>
        {
            var packets = new Packet[1];
            while (served < Rare)
            {
                if (port.Wait(packets) == 0 || packets[0].Key != 5)
                    continue;
                if (writer == Environment.CurrentManagedThreadId && takeoversAtWrite == Takeovers())
                {
                    counted++;
                    looksBetweenMost = Math.Max(looksBetweenMost, Looks() - looksAtWrite);
                    hotBetweenMost = Math.Max(hotBetweenMost, hot - hotAtWrite);
                }

                Volatile.Write(ref served, served + 1);
                Volatile.Write(ref isOut, 0);
            }
        });

        // Three, so that one of them always has more.
        Threads.Run(3, _ =>
        {
            using Endpoint busy = Domain.Connect(listener.Address.Text);
            for (uint sent = 0; Volatile.Read(ref served) < Rare; sent++)
                busy.Send(1 + (sent % 255), [], Deadline.After(TimeSpan.FromMilliseconds(100)));
        });
        Watchdog.Join(waiter);
        output.WriteLine($"{counted} of {served}; most between: {looksBetweenMost} looks, {hotBetweenMost} hot messages");
        Assert.True(counted > 0);
        Assert.True(looksBetweenMost <= 2, $"{looksBetweenMost} looks");
        Assert.True(hotBetweenMost <= HotAtMost, $"{hotBetweenMost} hot messages");

        long Looks() => (long)Insides.Field(port, "_looks");

        // Where the machine kept the handler's thread so long that another one has served the connections meanwhile.
        long Takeovers() => ((Reactor)Insides.Field(port, "_loop")).Statistics.Takeovers;
    }

    /// <summary>A thread that waits on the test's port, and ends with it: a test that fails says why, and no thread of it ends the process.</summary>
    private static Thread Waiting(Action body)
    {
        var waiter = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (ObjectDisposedException)
            {
            }
        })
        { IsBackground = true };
        waiter.Start();
        return waiter;
    }
}
