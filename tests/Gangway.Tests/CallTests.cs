// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Blocking calls of any number of threads on one endpoint, with messages and deadlines between them.</summary>
public abstract class CallTests(ITestOutputHelper output, Transport transport)
{
    [Fact]
    [Rule("CA-10")]
    public void Calls_OfMoreThreadsThanSlots_GetTheirOwnReplies()
    {
        const int Callers = 100;
        int each = TestLevel.Pick(20, 150, 50_000);
        var late = new BlockingCollection<(Transaction Transaction, byte[] Reply)>();
        long messages = 0;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, _) => Interlocked.Increment(ref messages),
            Transaction = (_, transaction) =>
            {
                byte[] reply = [.. transaction.Request, (byte)transaction.Operation];
                if (transaction.Operation % 5 == 0)
                    late.Add((transaction, reply));
                else
                    transaction.Complete((Status)(256 + transaction.Operation), reply);
            },
        });
        var answering = new Thread(() =>
        {
            foreach ((Transaction Transaction, byte[] Reply) one in late.GetConsumingEnumerable())
                one.Transaction.Complete((Status)(256 + one.Transaction.Operation), one.Reply);
        })
        { IsBackground = true, Name = "answering" };
        answering.Start();
        Seed seed = Seed.Take(output);
        long sent = 0, exceeded = 0;
        Threads.Run(Callers, number =>
        {
            Random random = seed.Random(number);
            byte[] reply = new byte[Transaction.ReplyBytesMax];
            for (int i = 0; i < each; i++)
            {
                byte[] request = new byte[random.Next(8, 200)];
                random.NextBytes(request);
                BitConverter.TryWriteBytes(request, (long)number << 32 | (uint)i);
                uint operation = (uint)random.Next(200);
                Deadline deadline = random.Next(3) switch
                {
                    0 => Deadline.After(TimeSpan.FromTicks(random.Next(-10, 3_000))),
                    1 => Deadline.After(TimeSpan.FromMinutes(10)),
                    _ => Deadline.Never,
                };
                CallResult result = pair.Client.Call(operation, request, reply, deadline);
                if (result.Status == Status.DeadlineExceeded)
                {
                    Assert.True(deadline.HasPassed);
                    Interlocked.Increment(ref exceeded);
                    continue;
                }

                Assert.Equal(new CallResult((Status)(256 + operation), request.Length + 1), result);
                Assert.True(reply.AsSpan(0, request.Length).SequenceEqual(request));
                Assert.Equal((byte)operation, reply[request.Length]);
                if (random.Next(4) == 0 && pair.Client.Send(operation, request) == Status.Ok)
                    Interlocked.Increment(ref sent);
            }
        });
        late.CompleteAdding();
        Watchdog.Join(answering);
        Watchdog.Until(() => Volatile.Read(ref messages) == sent, "the last message");
        output.WriteLine($"{exceeded} deadlines passed; {pair.Client.Statistics}");
    }

    [Fact]
    [Rule("CA-03")]
    public void Slots_OfCallsThatTimedOut_ComeBackWithTheirLateReplies()
    {
        const int Slots = 64;
        var held = new ConcurrentQueue<(Transaction Transaction, byte[] Id)>();
        bool mustHold = true;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (Volatile.Read(ref mustHold))
                    held.Enqueue((transaction, transaction.Request.ToArray()));
                else
                    transaction.Complete(transaction.Request);
            },
        });
        for (int round = 0; round < TestLevel.Pick(2, 5, 500); round++)
        {
            Volatile.Write(ref mustHold, true);
            Threads.Run(Slots, number => Assert.Equal(
                Status.DeadlineExceeded,
                pair.Client.Call(1, [(byte)number], new byte[8], Deadline.After(TimeSpan.FromMilliseconds(50))).Status));

            // Those that never left for lack of a slot before their time are not there.
            Watchdog.Until(() => !held.IsEmpty, "the requests");
            Volatile.Write(ref mustHold, false);

            // More callers than slots: the late replies free the slots while they wait, and none gets a late reply.
            int ok = 0;
            var answering = new Thread(() =>
            {
                Watchdog.Until(() => pair.Client.Statistics.RequestsSent == pair.Listener.Endpoints.Single().Statistics.RequestsReceived, "the requests");
                while (held.TryDequeue(out (Transaction Transaction, byte[] Id) one))
                    one.Transaction.Complete([99, one.Id[0]]);
            })
            { IsBackground = true, Name = "answering" };
            answering.Start();
            Threads.Run(Slots + 16, number =>
            {
                byte[] reply = new byte[8];
                Assert.Equal(new CallResult(Status.Ok, 1), pair.Client.Call(1, [(byte)number], reply));
                Assert.Equal((byte)number, reply[0]);
                Interlocked.Increment(ref ok);
            });
            Watchdog.Join(answering);
            Assert.Equal(Slots + 16, ok);
        }
    }

    [Fact]
    [Rule("CA-03")]
    public void Call_WithAllSlotsGivenUp_WaitsUntilItsDeadlineOrASlot()
    {
        var held = new ConcurrentQueue<Transaction>();
        using Pair pair = transport.Pair(new ScriptedHandler { Transaction = (_, transaction) => held.Enqueue(transaction) });
        var callers = new List<Thread>();
        for (int i = 0; i < 64; i++)
        {
            var caller = new Thread(() => pair.Client.Call(1, [], [])) { IsBackground = true };
            callers.Add(caller);
            caller.Start();
        }

        Watchdog.Until(() => held.Count == 64, "all slots in use");
        Deadline soon = Deadline.After(TimeSpan.FromMilliseconds(30));
        Assert.Equal(Status.DeadlineExceeded, Watchdog.Run(() => pair.Client.Call(1, [], [], soon)).Status);
        Assert.True(soon.HasPassed);
        Assert.Equal(64, held.Count);

        var waiting = new Thread(() => pair.Client.Call(1, [], [])) { IsBackground = true };
        waiting.Start();
        Assert.True(held.TryDequeue(out Transaction first));
        first.Complete(Status.Ok);
        Watchdog.Until(() => held.Count == 64, "the one that waited for a slot");
        while (held.TryDequeue(out Transaction one))
            one.Complete(Status.Ok);
        foreach (Thread caller in callers.Append(waiting))
            Watchdog.Join(caller);
    }

    [Fact]
    [Rule("CA-05")]
    public void Deadline_OfACall_TravelsAndOnePassedSendsNothing()
    {
        Deadline? seen = null;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                seen = transaction.Deadline;
                transaction.Complete(Status.Ok);
            },
        });
        Deadline deadline = Deadline.After(TimeSpan.FromMinutes(3));
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [], deadline)).IsOk);
        Assert.Equal(deadline, seen);
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.True(seen!.Value.IsNever);
        Assert.Equal(Status.DeadlineExceeded, pair.Client.Call(1, [], [], Deadline.After(TimeSpan.Zero)).Status);
        Assert.Equal(2, pair.Client.Statistics.RequestsSent);
    }

    [Fact]
    public void Call_InsideAHandlerOfAnotherEndpoint_Goes()
    {
        using Pair inner = transport.Pair(ScriptedHandler.Echo());
        using Pair outer = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
                CallResult result = inner.Client.Call(1, transaction.Request, reply);
                transaction.Complete(result.Status, reply[..result.Length]);
            },
        });
        byte[] reply = new byte[3];
        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 3), Watchdog.Run(() => outer.Client.Call(1, [i, 2, 3], reply)));
            Assert.Equal([i, 2, 3], reply);
        }
    }

    [Fact]
    public void Call_OnTheThreadOfItsOwnReactor_GivesItAwayAndWaits()
    {
        var results = new BlockingCollection<Status>();
        using Pair pair = transport.Pair(
            new ScriptedHandler { Connect = server => server.TrySend(1, []), Transaction = ScriptedHandler.Echo },
            new ScriptedHandler { Message = (client, _) => results.Add(client.Call(1, [], []).Status) });
        Assert.Equal(Status.Ok, Watchdog.Run(() => results.Take()));
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : CallTests(output, Transport.SharedMemory)
    {
        [Fact]
        public void Call_WithTheParkStrategy_SleepsAndIsWoken()
        {
            var mayAnswer = new Gate();
            using Pair pair = Pair.Make(
                new ScriptedHandler
                {
                    Transaction = (_, transaction) =>
                    {
                        mayAnswer.Pass();
                        transaction.Complete(transaction.Request);
                    },
                },
                options: new EndpointOptions { WaitStrategy = WaitStrategy.Park });
            var opening = new Thread(() =>
            {
                Watchdog.Until(() => pair.Client.Statistics.Parks > 0, "the caller to sleep");
                mayAnswer.Open();
            })
            { IsBackground = true };
            opening.Start();
            byte[] reply = new byte[1];
            for (byte i = 0; i < 200; i++)
            {
                Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => pair.Client.Call(1, [i], reply)));
                Assert.Equal(i, reply[0]);
            }

            Watchdog.Join(opening);
            Assert.True(pair.Client.Statistics.Parks > 0);
            Assert.True(pair.Server.Statistics.Wakes > 0);
        }
    }

    public sealed class InsideAProcess(ITestOutputHelper output) : CallTests(output, Transport.InProcess);
}
