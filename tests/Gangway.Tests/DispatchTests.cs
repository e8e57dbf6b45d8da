// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Where handlers run, and what their failures and their neighbours do to each other.</summary>
public sealed class DispatchTests(ITestOutputHelper output)
{
    [Fact]
    [Rule("DI-02")]
    public void Concurrent_HandlersOfOneStrand_RunInParallel()
    {
        using var barrier = new Barrier(3);
        int messages = 0;
        using Pair pair = Pair.Make(new AwaitingHandler
        {
            Where = static _ => Dispatch.Concurrent,
            Transaction = (_, transaction) =>
            {
                // Each waits for the other two: one after the other they would wait for ever.
                barrier.SignalAndWait();
                transaction.Complete([]);
                return ValueTask.CompletedTask;
            },
            Message = async (_, _) =>
            {
                await Task.Run(() => barrier.SignalAndWait());
                Interlocked.Increment(ref messages);
            },
        });
        for (int round = 0; round < 10; round++)
        {
            Task<CallResult>[] calls = [.. Enumerable.Range(0, 2).Select(_ => pair.Client.CallAsync(1, [], default).AsTask())];
            Assert.Equal(Status.Ok, pair.Client.TrySend(2, []));
            Watchdog.Run(() => Task.WaitAll(calls));
            Assert.All(calls, static call => Assert.True(call.Result.IsOk));
        }

        Watchdog.Until(() => Volatile.Read(ref messages) == 10, "the messages");
    }

    [Fact]
    [Rule("DI-02")]
    public void Concurrent_OperationOfAStrandThatItsCallerHolds_Runs()
    {
        Endpoint? self = null;
        using var strand = new Strand();
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Where = static operation => operation == 2 ? Dispatch.Concurrent : Dispatch.Inline,
                Transaction = (_, transaction) =>
                {
                    transaction.Complete(transaction.Operation == 2 ? [] : [(byte)self!.Call(2, [], []).Status]);
                    return ValueTask.CompletedTask;
                },
            },
            listenerOptions: new ListenerOptions { Strand = strand });
        self = pair.Client;
        byte[] reply = new byte[1];
        Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => self.Call(1, [], reply)));
        Assert.Equal(Status.Ok, (Status)reply[0]);
    }

    [Fact]
    [Rule("DI-05")]
    public void Exception_OfAnAwaitingHandler_EndsThatCallOnly()
    {
        using var events = new EventLog();
        string address = TestDirectory.NextAddress();
        using var listener = new Listener(address, new AwaitingHandler
        {
            Where = static operation => operation switch
            {
                4 => throw new InvalidDataException("where-fails"),
                5 => Dispatch.Strand,
                6 => Dispatch.Concurrent,
                _ => Dispatch.Inline,
            },
            Transaction = static async (_, transaction) =>
            {
                if (transaction.Operation is 2 or 5)
                    await Task.Yield();
                if (transaction.Operation == 3)
                    transaction.Complete([1]); // Answered before it fails: that is the answer.
                if (transaction.Operation is not (0 or 4))
                    throw new InvalidDataException("awaiting-fails");
                transaction.Complete([]);
            },
            Message = static async (_, _) =>
            {
                await Task.Yield();
                throw new InvalidDataException("message-fails");
            },
        });
        Threads.Run(2, number =>
        {
            using Endpoint client = Domain.Connect(address);
            for (int i = 0; i < 100; i++)
            {
                if (number == 0)
                {
                    Assert.Equal(Status.Ok, client.Call(0, [], []).Status);
                    continue;
                }

                Assert.Equal(Status.Ok, client.Send((uint)i % 5, []));
                foreach (uint operation in new uint[] { 1, 2, 4, 5, 6 })
                    Assert.Equal(new CallResult(Status.HandlerFailed, 0), client.Call(operation, [], []));
                Assert.Equal(new CallResult(Status.Ok, 1), client.Call(3, [], new byte[1]));
                Assert.Equal(Status.Ok, client.Call(0, [], []).Status);
            }
        });
        foreach (string what in new[] { "where-fails", "awaiting-fails", "message-fails" })
            events.MustContain("HandlerFailed", what);
    }

    [Fact]
    [Rule("DI-05")]
    public void Exception_OfACallback_StopsNothing()
    {
        using var events = new EventLog();
        var goOn = new Gate();
        int possible = 0, posted = 0;
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Message = (_, _) =>
                {
                    goOn.Pass();
                    return ValueTask.CompletedTask;
                },
                Transaction = static (_, transaction) =>
                {
                    transaction.Complete([]);
                    return ValueTask.CompletedTask;
                },
            },
            new AwaitingHandler
            {
                SendPossible = _ =>
                {
                    Interlocked.Increment(ref possible);
                    throw new InvalidDataException("possible-fails");
                },
            });
        Watchdog.Until(() => pair.Client.TrySend(1, []) == Status.Overloaded, "a refusal");
        goOn.Open();
        Watchdog.Until(() => Volatile.Read(ref possible) == 1, "the first send possible");
        for (int i = 0; i < 10; i++)
        {
            pair.Client.Strand.Post(_ =>
            {
                Interlocked.Increment(ref posted);
                throw new InvalidDataException("posted-fails");
            });
        }

        Watchdog.Until(() => Volatile.Read(ref posted) == 10, "the posted callbacks");
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        events.MustContain("HandlerFailed", "possible-fails");
        events.MustContain("HandlerFailed", "posted-fails");
    }

    // A handler on the loop's own thread fills the rings of all, so that they all have something when the next turn begins. Only
    // what runs on the loop's thread counts, and there are rounds until that is enough.
    [Fact]
    [Rule("EV-23")]
    public void Turn_OverManyThatHaveMuch_EndsInTimeToLookAtOthers()
    {
        const int Clients = 100;
        const int Each = 4;
        const int TurnMost = 64 + 16;
        const int Enough = 20 * Clients * Each;
        const uint Fill = 1;
        var clients = new List<Endpoint>();
        var perTurn = new Dictionary<(long Takeovers, long Turns), int>();
        int seen = 0;
        Listener? listener = null;
        using var strand = new Strand();
        var handler = new ScriptedHandler
        {
            Message = (_, message) =>
            {
                if (message.Operation == Fill)
                {
                    foreach (Endpoint client in clients)
                    {
                        for (int i = 0; i < Each; i++)
                            client.TrySend(2, []);
                    }

                    return;
                }

                if (Reactor.IsOnLoop)
                {
                    // A turn that a handler cost its thread is not counted as one: the next thread's has its number.
                    ReactorStatistics statistics = listener!.ReactorStatistics;
                    (long, long) turn = (statistics.Takeovers, statistics.Turns);
                    perTurn[turn] = perTurn.GetValueOrDefault(turn) + 1;
                }

                Volatile.Write(ref seen, seen + 1);
            },
        };
        using (listener = new Listener(TestDirectory.NextAddress(), handler, new ListenerOptions { Strand = strand }))
        {
            try
            {
                for (int i = 0; i < Clients; i++)
                    clients.Add(Domain.Connect(listener.Address.Text));
                int rounds = 0;
                Watchdog.Until(
                    () =>
                    {
                        Assert.Equal(Status.Ok, Watchdog.Run(() => clients[0].Send(Fill, [])));
                        rounds++;
                        Watchdog.Until(() => Volatile.Read(ref seen) == rounds * Clients * Each, "the messages");
                        return perTurn.Values.Sum() >= Enough;
                    },
                    "rounds on the loop's own thread");
            }
            finally
            {
                clients.ForEach(static client => client.Dispose());
            }
        }

        output.WriteLine($"{perTurn.Count} turns, of {perTurn.Values.Max()} at most");
        Assert.InRange(perTurn.Values.Max(), 1, TurnMost);
    }

    // The hot handler itself sends for the rare clients, and looks at the loop's counters when they come. Only what ran on
    // the loop's own thread counts, so nothing that the machine does meanwhile makes a difference.
    [Fact]
    [Rule("EV-23")]
    public void ColdConnection_BesideOneAtFullRate_IsFoundAtTheNextLook()
    {
        const int RareClients = 16;
        const int HotBetween = 5_000;
        const int HotAtMost = 64 * 16; // 64 turns
        const uint RareOperation = 0;
        string address = TestDirectory.NextAddress();
        var rare = new List<Endpoint>();
        Listener? listener = null;
        long hot = 0, hotAtSend = 0, refused = 0, served = 0, counted = 0;
        long looksBetweenMost = 0, hotBetweenMost = 0;
        ReactorStatistics atSend = default;
        bool wasOnLoop = false;
        var handler = new ScriptedHandler
        {
            Message = (_, message) =>
            {
                if (message.Operation != RareOperation)
                {
                    // So that there is always one more, and that 50 us are far fewer of them than 64 turns.
                    long start = System.Diagnostics.Stopwatch.GetTimestamp();
                    while (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds < 2)
                        Thread.SpinWait(1);
                    long next = ++hot / HotBetween;
                    if (hot % HotBetween != 0 || next > RareClients)
                        return;
                    atSend = listener!.ReactorStatistics;
                    hotAtSend = hot;
                    wasOnLoop = Reactor.IsOnLoop;
                    refused += rare[(int)next - 1].TrySend(RareOperation, []) == Status.Ok ? 0 : 1;
                    return;
                }

                ReactorStatistics now = listener!.ReactorStatistics;
                if (wasOnLoop && Reactor.IsOnLoop && now.Takeovers == atSend.Takeovers)
                {
                    counted++;
                    looksBetweenMost = Math.Max(looksBetweenMost, now.Looks - atSend.Looks);
                    hotBetweenMost = Math.Max(hotBetweenMost, hot - hotAtSend);
                }

                Volatile.Write(ref served, served + 1);
            },
        };

        // One strand, so that the numbers above have one writer at a time, whatever thread has the loop.
        using var strand = new Strand();
        using (listener = new Listener(address, handler, new ListenerOptions { Strand = strand }))
        {
            for (int i = 0; i < RareClients; i++)
                rare.Add(Domain.Connect(address));
            Watchdog.Until(() => listener.Endpoints.Count == RareClients, "the rare clients");
            Watchdog.Until(
                () => listener.Endpoints.All(static e => !((ReactorSource)Insides.Link(e)).IsHot), "the rare clients' sleep");

            // Three, so that one of them always has more. Many operations, so that one during which the machine was slow does
            // not end what is to be shown here.
            Threads.Run(3, number =>
            {
                using Endpoint busy = Domain.Connect(address);
                for (uint sent = 0; Volatile.Read(ref served) < RareClients; sent++)
                    busy.Send(1 + (sent % 255), []);
            });
            foreach (Endpoint endpoint in rare)
                endpoint.Dispose();
        }

        output.WriteLine($"{counted} of {served}; most between: {looksBetweenMost} looks, {hotBetweenMost} hot messages");
        Assert.Equal(0, refused);
        Assert.True(counted > 0);
        Assert.True(looksBetweenMost <= 2, $"{looksBetweenMost} looks");
        Assert.True(hotBetweenMost <= HotAtMost, $"{hotBetweenMost} hot messages");
    }
}
