// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>A connection that ends under awaited calls: each completes once, truthfully, and the memory goes back.</summary>
[Rule("SH-01")]
[Rule("CA-06")]
public sealed class EndAwaitedTests(ITestOutputHelper output)
{
    private const int Lanes = 24;

    public enum Ending
    {
        ClientDisposed,
        ServerDisposed,
        ListenerDisposed,
        ClientLied,
        ServerLied,
    }

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Theory]
    [MemberData(nameof(Endings))]
    public void End_WithAwaitedCallsInFlight_EndsEachOnceWithATrueStatus(Ending ending)
    {
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(3, 12, 2_000);
        var seen = new ConcurrentDictionary<Status, int>();
        for (int round = 0; round < rounds; round++)
            RunRound(ending, seed, round, seen);
        output.WriteLine(string.Join(", ", seen.Select(static entry => $"{entry.Value} x {entry.Key}")));
    }

    private static void RunRound(Ending ending, Seed seed, int round, ConcurrentDictionary<Status, int> seen)
    {
        var ran = new ConcurrentDictionary<long, bool>();
        var held = new Held();
        bool ranTwice = false;
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                long id = BitConverter.ToInt64(transaction.Request);
                ranTwice |= !ran.TryAdd(id, true);

                // Slow now and then: the others queue for its strand, and are refused there when their own side ends.
                if (id % 61 == 60)
                    Thread.Sleep(2);
                if (id % 5 == 0)
                    held.Add(transaction);
                else
                    transaction.Complete(transaction.Request);
            },
        });
        Endpoint server = Awaited.ServerOf(pair);
        int answered = 0;
        using var cancelled = new CancellationTokenSource();
        Task<bool>[] lanes = [.. Enumerable.Range(0, Lanes).Select(number => Task.Run(() => Pump(number)))];
        bool isDone = false;
        var answering = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                if (!held.AnswerOne())
                    Thread.Yield();
            }
        })
        { IsBackground = true, Name = "answering" };
        answering.Start();
        Watchdog.Until(() => Volatile.Read(ref answered) > 100, "some calls");
        Thread.SpinWait(seed.Random(round).Next(20_000));
        switch (ending)
        {
            case Ending.ClientDisposed:
                Watchdog.Run(pair.Client.Dispose);
                break;
            case Ending.ServerDisposed:
                Watchdog.Run(server.Dispose);
                break;
            case Ending.ListenerDisposed:
                Watchdog.Run(pair.Listener.Dispose);
                break;
            case Ending.ClientLied:
                Insides.SendPacket(pair.Client, [1, 2]);
                break;
            default:
                Insides.SendPacket(server, [1, 2]);
                break;
        }

        // Cancels and late answers race with the end.
        cancelled.Cancel();
        Assert.All(lanes, static lane => Assert.True(Awaited.Get(lane)));
        Assert.False(ranTwice, "a request ran twice");
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed && server.State == EndpointState.Destroyed, "both ends");
        Volatile.Write(ref isDone, true);
        Watchdog.Join(answering);
        held.AnswerAll();
        Watchdog.Until(() => Awaited.IsRetired(pair.Client) && Awaited.IsRetired(server), "the memory");
        Assert.Equal(Status.NotConnected, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);

        async Task<bool> Pump(int number)
        {
            Random random = seed.Random(round * 100 + number);
            byte[] reply = new byte[8];
            for (int i = 0; ; i++)
            {
                long id = (long)number << 32 | (uint)i;
                Deadline deadline = random.Next(3) == 0 ? Deadline.After(TimeSpan.FromMinutes(random.Next(1, 5))) : default;
                CallResult result = await pair.Client.CallAsync(
                    1, BitConverter.GetBytes(id), reply, deadline, random.Next(4) == 0 ? cancelled.Token : default).ConfigureAwait(false);
                seen.AddOrUpdate(result.Status, 1, static (_, count) => count + 1);
                switch (result.Status)
                {
                    case Status.Ok:
                        if (BitConverter.ToInt64(reply) != id || !ran.ContainsKey(id))
                            throw new InvalidOperationException($"{id}: the reply to {BitConverter.ToInt64(reply)}");
                        Interlocked.Increment(ref answered);
                        break;
                    case Status.Cancelled when cancelled.IsCancellationRequested:
                        break;
                    case Status.NotConnected or Status.NotSent:
                        if (ran.ContainsKey(id))
                            throw new InvalidOperationException($"{id}: {result.Status}, and it ran");
                        return true;
                    case Status.OutcomeUnknown:
                        return true;
                    default:
                        throw new InvalidOperationException($"{id}: {result.Status}");
                }
            }
        }
    }

    // What nobody has taken yet keeps the memory: the reply's place and the slot are its caller's.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Results_TakenAfterTheEnd_AreThereAndFreeTheMemory(bool isAnswered)
    {
        var held = new Held();
        using Pair pair = Pair.Make(held.Handler());
        byte[] reply = new byte[4];
        ValueTask<CallResult> first = pair.Client.CallAsync(1, [1, 2, 3, 4], reply);
        ValueTask<CallResult> second = pair.Client.CallAsync(1, [5, 6, 7, 8], new byte[4]);
        held.MustBe(2);
        if (isAnswered)
        {
            held.AnswerOne();
            Watchdog.Until(() => first.IsCompleted, "the reply");
        }

        Watchdog.Run(pair.Client.Dispose);
        Watchdog.Until(() => first.IsCompleted && second.IsCompleted, "the results");
        Assert.False(Awaited.IsRetired(pair.Client));
        Assert.Equal(isAnswered ? new CallResult(Status.Ok, 4) : new CallResult(Status.OutcomeUnknown, 0), Awaited.Get(first));
        Assert.False(Awaited.IsRetired(pair.Client));
        Assert.Equal(Status.OutcomeUnknown, Awaited.Get(second).Status);
        Assert.True(Awaited.IsRetired(pair.Client));
        if (isAnswered)
            Assert.Equal([1, 2, 3, 4], reply);
    }
}
