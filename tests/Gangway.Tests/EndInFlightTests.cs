// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>A connection that ends under the calls of many threads: each ends once, with a status that is true.</summary>
[Rule("SH-01")]
[Rule("CA-10")]
public abstract class EndInFlightTests(ITestOutputHelper output, Transport transport)
{
    private const int Threads = 24;

    public enum Ending
    {
        ClientDisposed,
        ServerDisposed,
        ListenerDisposed,
    }

    [Theory]
    [InlineData(Ending.ClientDisposed)]
    [InlineData(Ending.ServerDisposed)]
    [InlineData(Ending.ListenerDisposed)]
    public void End_WithCallsInFlight_EndsEachOnceWithATrueStatus(Ending ending)
    {
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(3, 12, 2_000);
        for (int round = 0; round < rounds; round++)
            RunRound(ending, seed, round);
    }

    private void RunRound(Ending ending, Seed seed, int round)
    {
        var ran = new ConcurrentDictionary<long, bool>();
        var results = new ConcurrentDictionary<long, Status>();
        var late = new ConcurrentQueue<(Transaction Transaction, long Id)>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                long id = BitConverter.ToInt64(transaction.Request);
                Assert.True(ran.TryAdd(id, true), "a request ran twice");
                if (id % 7 == 0)
                    late.Enqueue((transaction, id));
                else
                    transaction.Complete(transaction.Request);
            },
        });

        int calls = 0;
        Thread[] callers = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            Random random = seed.Random(round * 100 + number);
            byte[] reply = new byte[8];
            for (int i = 0; ; i++)
            {
                long id = (long)number << 32 | (uint)i;
                CallResult result = pair.Client.Call(1, BitConverter.GetBytes(id), reply, Deadline.Never);
                Assert.True(results.TryAdd(id, result.Status));
                if (result.IsOk)
                    Assert.Equal(id, BitConverter.ToInt64(reply));
                else
                    return;
                Interlocked.Increment(ref calls);
                if (random.Next(3) == 0)
                    pair.Client.TrySend(9, BitConverter.GetBytes(id));
            }
        })
        { IsBackground = true, Name = $"caller {number}" })];
        foreach (Thread caller in callers)
            caller.Start();

        // Late replies come from a thread of their own, also after the end.
        bool isDone = false;
        var completing = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                while (late.TryDequeue(out (Transaction Transaction, long Id) one))
                    one.Transaction.Complete(BitConverter.GetBytes(one.Id));
                Thread.Yield();
            }
        })
        { IsBackground = true, Name = "completing" };

        Watchdog.Until(() => Volatile.Read(ref calls) > 200 || late.Count > Threads / 2, "some calls");
        switch (ending)
        {
            case Ending.ClientDisposed:
                Watchdog.Run(pair.Client.Dispose);
                break;
            case Ending.ServerDisposed:
                Watchdog.Run(pair.Server.Dispose);
                break;
            default:
                Watchdog.Run(pair.Listener.Dispose);
                break;
        }

        completing.Start();
        foreach (Thread caller in callers)
            Watchdog.Join(caller);
        Watchdog.Run(pair.Listener.Dispose);
        Volatile.Write(ref isDone, true);
        Watchdog.Join(completing);

        foreach ((long id, Status status) in results)
        {
            Assert.True(
                status is Status.Ok or Status.NotConnected or Status.NotSent or Status.OutcomeUnknown,
                $"call {id:X} of round {round} ended with {status}");
            if (status == Status.Ok)
                Assert.True(ran.ContainsKey(id));
            else if (status != Status.OutcomeUnknown)
                Assert.False(ran.ContainsKey(id), $"call {id:X} ended with {status}, but it ran");
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : EndInFlightTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : EndInFlightTests(output, Transport.InProcess);
}
