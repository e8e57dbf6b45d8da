// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Messages: order, credit, and a sender that waits for room.</summary>
public abstract class MessageTests(ITestOutputHelper output, Transport transport)
{
    [Fact]
    [Rule("CA-08")]
    public void Messages_OfManySenders_ArriveWholeAndInTheOrderOfEach()
    {
        const int Senders = 6;
        int each = TestLevel.Pick(500, 5_000, 1_000_000);
        var next = new int[Senders];
        var all = new Gate();
        string? wrong = null;
        int left = Senders * each;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, message) =>
            {
                int number = message.Payload[0];
                int i = BitConverter.ToInt32(message.Payload[1..]);
                if (next[number]++ != i || message.Operation != (uint)i || message.Payload[5..].ContainsAnyExcept((byte)i))
                    wrong ??= $"sender {number}: {i} came as number {next[number]}";
                if (--left == 0)
                    all.Open();
            },
        });
        Seed seed = Seed.Take(output);
        Threads.Run(Senders, number =>
        {
            Random random = seed.Random(number);
            byte[] payload = new byte[Endpoint.PayloadBytesMax];
            payload[0] = (byte)number;
            for (int i = 0; i < each; i++)
            {
                int bytes = 5 + random.Next(random.Next(4) == 0 ? Endpoint.PayloadBytesMax - 4 : 40);
                BitConverter.TryWriteBytes(payload.AsSpan(1), i);
                payload.AsSpan(5, bytes - 5).Fill((byte)i);
                Assert.Equal(Status.Ok, pair.Client.Send((uint)i, payload.AsSpan(0, bytes)));
            }
        });
        all.MustOpen("the last message");
        Assert.Null(wrong);
        Assert.Equal(Senders * each, pair.Client.Statistics.MessagesSent);
        output.WriteLine($"{pair.Client.Statistics}");
    }

    [Fact]
    [Rule("CA-13")]
    public void TrySend_ToAHandlerThatDoesNotReturn_IsRefusedAfterTheCredits()
    {
        var mayGoOn = new Gate();
        int handled = 0;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, _) =>
            {
                mayGoOn.Pass();
                Interlocked.Increment(ref handled);
            },
        });
        int sent = 0;
        while (pair.Client.TrySend(1, []) == Status.Ok)
            sent++;
        Assert.Equal(64, sent);
        Assert.Equal(Status.Overloaded, pair.Client.TrySend(1, []));
        Assert.Equal(
            Status.DeadlineExceeded, Watchdog.Run(() => pair.Client.Send(1, [], Deadline.After(TimeSpan.FromMilliseconds(20)))));
        mayGoOn.Open();
        Assert.Equal(Status.Ok, Watchdog.Run(() => pair.Client.Send(1, [])));
        Watchdog.Until(() => Volatile.Read(ref handled) == 65, "the last message");
        Assert.Equal(65, pair.Client.Statistics.MessagesSent);
    }

    [Fact]
    [Rule("SH-01")]
    public void Send_ToASlowHandler_SleepsUntilThereIsRoom()
    {
        var mayGoOn = new Gate();
        var seen = new ConcurrentQueue<uint>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, message) =>
            {
                mayGoOn.Pass();
                seen.Enqueue(message.Operation);
            },
        });
        const uint Messages = 300;
        var sending = new Thread(() =>
        {
            for (uint i = 0; i < Messages; i++)
                pair.Client.Send(i, new byte[200]);
        })
        { IsBackground = true, Name = "sending" };
        sending.Start();
        Watchdog.Until(() => pair.Client.Statistics.Parks > 0, "the sender to sleep");
        mayGoOn.Open();
        Watchdog.Join(sending);
        Watchdog.Until(() => seen.Count == Messages, "the last message");
        Assert.Equal(Enumerable.Range(0, (int)Messages).Select(static i => (uint)i), seen);
        Assert.True(pair.Client.Statistics.Parks > 0);
    }

    // Every sender sleeps and is woken again and again, and the largest records wrap the ring with pads.
    [Fact]
    [Rule("SH-01")]
    public void Send_ByManyBlockedThreads_NeverStrandsOne()
    {
        const int Senders = 12;
        int each = TestLevel.Pick(100, 800, 200_000);
        long arrived = 0;
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Message = (_, message) =>
                {
                    if (message.Operation % 32 == 0)
                        Thread.Yield();
                    Interlocked.Increment(ref arrived);
                },
            },
            options: new EndpointOptions { WaitStrategy = WaitStrategy.Park });
        Seed seed = Seed.Take(output);
        Threads.Run(Senders, number =>
        {
            Random random = seed.Random(number);
            byte[] payload = new byte[Endpoint.PayloadBytesMax];
            for (int i = 0; i < each; i++)
            {
                Deadline deadline = random.Next(8) == 0 ? Deadline.After(TimeSpan.FromTicks(random.Next(2_000))) : Deadline.Never;
                Status status = pair.Client.Send((uint)i, payload.AsSpan(0, random.Next(payload.Length + 1)), deadline);
                Assert.True(status == Status.Ok || (status == Status.DeadlineExceeded && !deadline.IsNever), status.ToString());
            }
        });
        Watchdog.Until(() => Volatile.Read(ref arrived) == pair.Client.Statistics.MessagesSent, "the last message");
        output.WriteLine($"{pair.Client.Statistics}");
        Assert.True(pair.Client.Statistics.Parks > 0);
    }

    [Fact]
    public void Send_InsideAHandler_WaitsForRoomAndGivesTheReactorAway()
    {
        var replies = new BlockingCollection<int>();
        var statuses = new ConcurrentQueue<Status>();
        var mayGoOn = new Gate();
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Message = (server, message) =>
                {
                    for (int i = 0; i < 100; i++)
                        statuses.Enqueue(server.Send(1, BitConverter.GetBytes(i)));
                },
            },
            new ScriptedHandler
            {
                Message = (_, message) =>
                {
                    mayGoOn.Pass();
                    replies.Add(BitConverter.ToInt32(message.Payload));
                },
            });
        Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
        Watchdog.Until(() => statuses.Count == 64, "the credits");

        // The handler waits for room, and its reactor serves another connection.
        using Endpoint neighbour = Domain.Connect(pair.Listener.Address.Text);
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => neighbour.Call(1, [], [])).Status);
        Assert.Equal(64, statuses.Count);
        mayGoOn.Open();
        Watchdog.Until(() => statuses.Count == 100, "the handler");
        Assert.All(statuses, static status => Assert.Equal(Status.Ok, status));
        for (int i = 0; i < 100; i++)
            Assert.Equal(i, Watchdog.Run(() => replies.Take()));
    }

    [Fact]
    [Rule("CA-02")]
    public void Replies_ToAClientThatReadsNoMessages_StillGo()
    {
        var mayGoOn = new Gate();
        int refused = 0;
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Transaction = (server, transaction) =>
                {
                    while (server.TrySend(1, new byte[Endpoint.PayloadBytesMax]) == Status.Ok)
                    {
                    }

                    Interlocked.Increment(ref refused);
                    transaction.Complete(transaction.Request);
                },
            },
            new ScriptedHandler { Message = (_, _) => mayGoOn.Pass() });
        int calls = TestLevel.Pick(200, 2_000, 1_000_000);
        try
        {
            Watchdog.Run(() => Threads.Run(4, number =>
            {
                byte[] reply = new byte[Transaction.ReplyBytesMax], request = new byte[Transaction.ReplyBytesMax];
                for (int i = 0; i < calls; i++)
                {
                    BitConverter.TryWriteBytes(request, number << 24 | i);
                    Assert.Equal(new CallResult(Status.Ok, request.Length), pair.Client.Call(1, request, reply));
                    Assert.Equal(request, reply);
                }
            }));
        }
        finally
        {
            mayGoOn.Open();
        }

        Assert.Equal(4 * calls, refused);
    }

    [Fact]
    [Rule("CA-08")]
    public void Messages_SentBeforeDispose_AreDelivered()
    {
        for (int round = 0; round < TestLevel.Pick(20, 100, 10_000); round++)
        {
            int arrived = 0, atEnd = -1;
            var ended = new Gate();
            using Pair pair = transport.Pair(new ScriptedHandler
            {
                Message = (_, _) => Interlocked.Increment(ref arrived),
                Disconnect = (_, _) =>
                {
                    atEnd = Volatile.Read(ref arrived);
                    ended.Open();
                },
            });
            int sent = 0;
            Threads.Run(3, _ =>
            {
                for (int i = 0; i < 20; i++)
                {
                    if (pair.Client.TrySend(1, []) == Status.Ok)
                        Interlocked.Increment(ref sent);
                }
            });
            Watchdog.Run(pair.Client.Dispose);
            ended.MustOpen("OnDisconnect");
            Assert.Equal(sent, atEnd);
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : MessageTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : MessageTests(output, Transport.InProcess);
}
