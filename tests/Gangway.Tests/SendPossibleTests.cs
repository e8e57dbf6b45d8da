// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Who was refused hears once that there is room again, whoever sleeps meanwhile.</summary>
[Rule("CA-07")]
public abstract class SendPossibleTests(ITestOutputHelper output, Transport transport)
{
    private const int Credits = 64;

    public enum Asleep
    {
        Nobody,
        TheSendersReactor,
    }

    [Theory]
    [InlineData(Asleep.Nobody, 1)]
    [InlineData(Asleep.TheSendersReactor, 1)]
    [InlineData(Asleep.TheSendersReactor, 6)]
    public void Refused_WhenCreditsReturn_AreToldOnceEachRound(Asleep asleep, int senders)
    {
        var kept = new ConcurrentQueue<Message>();
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Message = (_, message) =>
                {
                    message.Keep();
                    kept.Enqueue(message);
                },
            },
            client);
        int rounds = TestLevel.Pick(10, 100, 20_000);
        for (int round = 1; round <= rounds; round++)
        {
            int sent = 0;
            if (senders == 1)
                sent = Fill(pair.Client);
            else
                Threads.Run(senders, _ => Interlocked.Add(ref sent, Fill(pair.Client)));
            Assert.InRange(sent, 0, Credits);
            Watchdog.Until(() => kept.Count == Credits, "the messages");
            Assert.Equal(round - 1, client.Notices);
            if (asleep == Asleep.TheSendersReactor)
                Watchdog.Until(() => !Reactor.Clients.IsAwake, "the reactor to sleep");

            // One credit is enough; the rest comes after the notice.
            Assert.True(kept.TryDequeue(out Message first));
            Assert.True(first.Complete());
            Watchdog.Until(() => client.Notices == round, "send possible");
            while (kept.TryDequeue(out Message message))
                Assert.True(message.Complete());
            Watchdog.Until(() => Outstanding(pair) == 0, "all credits");
            Assert.Equal(round, client.Notices);
        }

        Assert.Equal(rounds, client.Notices);
    }

    // Senders that only send when told. One that is not told hangs.
    [Theory]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Park)]
    [Rule("SH-01")]
    public void Refused_OfManySenders_NoneIsForgotten(WaitStrategy strategy)
    {
        const int Senders = 8;
        int each = TestLevel.Pick(300, 3_000, 500_000);
        using var kept = new BlockingCollection<Message>();
        long arrived = 0;
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Message = (_, message) =>
                {
                    if (message.Operation % 3 == 0)
                    {
                        message.Keep();
                        kept.Add(message);
                    }

                    Interlocked.Increment(ref arrived);
                },
                Transaction = ScriptedHandler.Echo,
            },
            client,
            new EndpointOptions { WaitStrategy = strategy });
        int refused = 0;
        var completing = new Thread(() =>
        {
            // What is kept takes the credits, until there are none.
            Watchdog.Until(() => Volatile.Read(ref refused) != 0, "a refusal");
            foreach (Message message in kept.GetConsumingEnumerable())
                message.Complete();
        })
        { IsBackground = true, Name = "completing" };
        completing.Start();
        Seed seed = Seed.Take(output);
        Threads.Run(Senders, number =>
        {
            Random random = seed.Random(number);
            byte[] payload = new byte[Endpoint.PayloadBytesMax], reply = new byte[8];
            for (int i = 0; i < each; i++)
            {
                if (random.Next(20) == 0)
                {
                    Assert.True(pair.Client.Call(1, [1, 2], reply).IsOk);
                    continue;
                }

                int notices = client.Notices;
                Status status;
                while ((status = random.Next(3) != 0
                    ? pair.Client.TrySend((uint)random.Next(100), payload.AsSpan(0, random.Next(payload.Length)))
                    : Call(random)) == Status.Overloaded)
                {
                    Interlocked.Increment(ref refused);
                    Watchdog.Until(() => client.Notices != notices, "send possible");
                    notices = client.Notices;
                }

                Assert.Equal(Status.Ok, status);
            }
        });
        kept.CompleteAdding();
        Watchdog.Join(completing);
        output.WriteLine($"{refused} refusals, {client.Notices} notices, {arrived} messages; {pair.Client.Statistics}");
        Assert.InRange(client.Notices, 1, refused);

        Status Call(Random random)
        {
            byte[] reply = new byte[Transaction.ReplyBytesMax];
            ValueTask<CallResult> call = pair.Client.CallAsync(1, new byte[random.Next(reply.Length)], reply);
            return call.AsTask().GetAwaiter().GetResult().Status;
        }
    }

    // The whole ring, not the credits: requests of the largest size to a server that takes nothing for a while.
    [Fact]
    public void Refused_ForLackOfRoom_AreToldWhenALargestOneFits()
    {
        int told = 0, wrong = 0;
        var client = new NoticingHandler
        {
            SendPossible = endpoint =>
            {
                // Mostly true at once: nobody else sends.
                if (endpoint.TrySend(3, new byte[Endpoint.PayloadBytesMax]) != Status.Ok)
                    Interlocked.Increment(ref wrong);
                Interlocked.Increment(ref told);
            },
        };
        using Pair pair = transport.Pair(new ScriptedHandler { Message = (_, _) => { } }, client);
        int rounds = TestLevel.Pick(20, 300, 50_000);
        byte[] payload = new byte[Endpoint.PayloadBytesMax];
        for (int round = 0; round < rounds; round++)
        {
            int before = Volatile.Read(ref told);
            Watchdog.Until(
                () =>
                {
                    for (int i = 0; i < 10_000; i++)
                    {
                        if (pair.Client.TrySend(3, payload) == Status.Overloaded)
                            return true;
                    }

                    return false;
                },
                "a refusal");
            Watchdog.Until(() => Volatile.Read(ref told) > before, "send possible");
        }

        Assert.Equal(0, wrong);
    }

    private static long Outstanding(Pair pair) => Insides.CreditsOut(pair.Client);

    private static int Fill(Endpoint endpoint)
    {
        int sent = 0;
        while (endpoint.TrySend(1, []) == Status.Ok)
            sent++;
        Assert.Equal(Status.Overloaded, endpoint.TrySend(1, []));
        return sent;
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : SendPossibleTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : SendPossibleTests(output, Transport.InProcess);
}
