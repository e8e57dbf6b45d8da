// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>Slow handlers on the loop's thread: what their neighbours, the loop and the next run of the same operation see.</summary>
[Rule("DI-04")]
public sealed class TakeoverTests(ITestOutputHelper output)
{
    private const uint Ask = 1;
    private const uint Slow = 2;

    private static bool s_wasOnLoop;

    private static bool IsOnLoopThread => Thread.CurrentThread.Name?.StartsWith("gangway shm:", StringComparison.Ordinal) == true;

    [Fact]
    public void Handler_ThatIsFast_RunsOnTheReactorsThread()
    {
        int onLoop = 0, calls = 0;
        using Pair pair = Pair.Make(Answer((_, _) =>
        {
            onLoop += IsOnLoopThread ? 1 : 0;
            calls++;
        }));

        // Many operations: one that the machine interrupted for a millisecond counts as slow, the others do not.
        for (uint i = 0; i < 1000; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(i, [], [])).IsOk);
        output.WriteLine($"{onLoop} of {calls} on the loop's thread");
        Assert.Equal(1000, calls);
        Assert.True(onLoop > 500);
        Assert.Equal(0, pair.Listener.ReactorStatistics.Shortages);
    }

    [Fact]
    public void Handler_ThatBlocks_LosesTheLoopToAnotherThread()
    {
        var goOn = new Gate();
        Thread? askedOn = null, blockedOn = null;
        bool wasLoopThread = false;
        string address = TestDirectory.NextAddress();
        using var listener = new Listener(address, Answer((_, transaction) =>
        {
            if (transaction.Operation != Slow)
            {
                askedOn = Thread.CurrentThread;
                return;
            }

            wasLoopThread = IsOnLoopThread;
            Volatile.Write(ref blockedOn, Thread.CurrentThread);
            goOn.Pass();
        }));
        using Endpoint client = Domain.Connect(address);
        using Endpoint neighbour = Domain.Connect(address);
        Assert.True(Watchdog.Run(() => neighbour.Call(Ask, [], [])).IsOk);
        Thread before = askedOn!;

        Task<CallResult> blocked = client.CallAsync(Slow, [], default).AsTask();
        Task<CallResult>[] behind = [.. Enumerable.Range(0, 10).Select(_ => client.CallAsync(Ask, [], default).AsTask())];
        Watchdog.Until(() => Volatile.Read(ref blockedOn) is not null, "the handler");

        // The neighbour's calls end while the handler blocks: that is the whole point.
        bool hasEnded;
        try
        {
            for (uint i = 0; i < 100; i++)
                Assert.True(Watchdog.Run(() => neighbour.Call(100 + i, [], [])).IsOk);
            hasEnded = blocked.IsCompleted || behind.Any(static call => call.IsCompleted);
        }
        finally
        {
            goOn.Open();
        }

        Assert.False(hasEnded);
        Assert.True(wasLoopThread);
        Assert.NotSame(blockedOn, askedOn);
        Assert.True(listener.ReactorStatistics.Takeovers >= 1);
        Assert.True(Watchdog.Run(() => blocked.Result).IsOk);
        foreach (Task<CallResult> call in behind)
            Assert.True(Watchdog.Run(() => call.Result).IsOk);
        output.WriteLine($"before {before.ManagedThreadId}, blocked {blockedOn!.ManagedThreadId}, after {askedOn!.ManagedThreadId}");
    }

    [Fact]
    public void Operation_ThatWasSlow_RunsElsewhereUntilItWasFastAHundredTimes()
    {
        var trace = new List<bool>();
        int spinMicroseconds = 0;
        using Pair pair = Pair.Make(Answer((_, _) =>
        {
            trace.Add(IsOnLoopThread);
            Spin(Volatile.Read(ref spinMicroseconds));
        }));
        RunUntilInline(pair);
        trace.Clear();
        Volatile.Write(ref spinMicroseconds, 1500);
        for (int i = 0; i < 50; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(Slow, [], [])).IsOk);

        // It was on the loop's thread once, or twice if the first run was not timed (decision 0011); never again.
        Assert.True(trace[0]);
        Assert.InRange(trace.Count(static isOnLoop => isOnLoop), 1, 2);

        Volatile.Write(ref spinMicroseconds, 0);
        Watchdog.Run(() =>
        {
            while (!trace[^1])
                Assert.True(pair.Client.Call(Slow, [], []).IsOk);
        });
        int fastRuns = trace.Count - 51;
        output.WriteLine($"{fastRuns} fast runs");
        Assert.True(fastRuns >= OperationSpeeds.FastRunsToForgive);
    }

    [Fact]
    public void Operation_ThatIsALittleSlowTwice_RunsElsewhere()
    {
        var trace = new List<bool>();
        using Pair pair = Pair.Make(Answer((_, _) =>
        {
            trace.Add(IsOnLoopThread);
            Spin(100);
        }));
        RunUntilInline(pair);
        trace.Clear();
        for (int i = 0; i < 50; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(Slow, [], [])).IsOk);
        Assert.True(trace[0]);
        Assert.InRange(trace.Count(static isOnLoop => isOnLoop), 1, 2);
    }

    // The handler goes on where its reply comes in; that loop has neighbours, too.
    [Fact]
    public void Operation_ThatIsSlowAfterAnAwait_RunsElsewhere()
    {
        var trace = new List<bool>();
        using Pair inner = Pair.Make(Answer(static (_, _) => { }));
        using Pair outer = Pair.Make(new AwaitingHandler
        {
            Transaction = async (_, transaction) =>
            {
                bool isOk = (await inner.Client.CallAsync(Ask, [], default)).IsOk;
                trace.Add(Reactor.IsOnLoop);
                Spin(1500);
                transaction.Complete(isOk ? Status.Ok : Status.HandlerFailed);
            },
        });
        for (int i = 0; i < 250; i++)
            Assert.True(Watchdog.Run(() => outer.Client.Call(Slow, [], [])).IsOk);

        // Once after a reply that it waited for, and once after one that was there at once.
        Assert.InRange(trace.Count(static isOnLoop => isOnLoop), 0, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Handlers_ThatBlockWithTooFewStandbyThreads_DelayNobody(int standbyThreads)
    {
        const int Blocking = 5;
        int before = Domain.MaxStandbyThreads;
        var goOn = new Gate();
        int inside = 0, onLoop = 0;
        bool isOnLoop = false;
        string address = TestDirectory.NextAddress();
        Domain.MaxStandbyThreads = standbyThreads;
        try
        {
            using var listener = new Listener(address, Answer((_, transaction) =>
            {
                if (transaction.Operation >= Blocking)
                {
                    Volatile.Write(ref isOnLoop, IsOnLoopThread);
                    return;
                }

                if (IsOnLoopThread)
                    Interlocked.Increment(ref onLoop);
                Interlocked.Increment(ref inside);
                goOn.Pass();
            }));
            Endpoint[] clients = [.. Enumerable.Range(0, Blocking + 1).Select(_ => Domain.Connect(address))];

            // While a strand still runs OnConnect nothing of it runs inline, and so nothing is short of a thread.
            foreach (Endpoint client in clients)
            {
                Watchdog.Until(
                    () =>
                    {
                        long shortages = listener.ReactorStatistics.Shortages;
                        Assert.True(client.Call(Blocking, [], []).IsOk);
                        return Volatile.Read(ref isOnLoop) || listener.ReactorStatistics.Shortages > shortages;
                    },
                    "a call that runs inline, or is refused that");
            }

            long shortagesBefore = listener.ReactorStatistics.Shortages;
            Task<CallResult>[] blocked =
                [.. Enumerable.Range(0, Blocking).Select(i => clients[i].CallAsync((uint)i, [], default).AsTask())];
            ReactorStatistics statistics = default;
            int blockedLoops = -1, ended = -1;
            try
            {
                Watchdog.Until(() => Volatile.Read(ref inside) == Blocking, "the handlers");
                for (uint i = 0; i < 20; i++)
                    Assert.True(Watchdog.Run(() => clients[Blocking].Call(Blocking + i, [], [])).IsOk);
                ended = blocked.Count(static call => call.IsCompleted);
                blockedLoops = Volatile.Read(ref onLoop);
                statistics = listener.ReactorStatistics;
            }
            finally
            {
                goOn.Open();
            }

            Watchdog.Run(() => Task.WaitAll(blocked));
            foreach (Endpoint client in clients)
                Watchdog.Run(client.Dispose);
            output.WriteLine($"{blockedLoops} blocked a loop; {statistics}");
            Assert.All(blocked, static call => Assert.True(call.Result.IsOk));
            Assert.Equal(0, ended);
            Assert.True(blockedLoops <= standbyThreads);
            Assert.True(statistics.Shortages > shortagesBefore);
        }
        finally
        {
            Domain.MaxStandbyThreads = before;
        }
    }

    [Fact]
    public void Call_InsideAHandlerThroughItsOwnLoop_GivesTheLoopAwayFirst()
    {
        Endpoint? other = null;
        int onLoop = 0;
        string address = TestDirectory.NextAddress();
        using var listener = new Listener(address, Answer((_, transaction) =>
        {
            if (transaction.Operation == 0)
                return;
            onLoop += IsOnLoopThread ? 1 : 0;
            if (!other!.Call(0, [], []).IsOk)
                throw new InvalidDataException("The nested call failed.");
        }));
        using Endpoint client = Domain.Connect(address);
        using (other = Domain.Connect(address))
        {
            for (uint i = 1; i <= 30; i++)
                Assert.True(Watchdog.Run(() => client.Call(i, [], [])).IsOk);
            output.WriteLine($"{onLoop} on the loop; {listener.ReactorStatistics}");
            Assert.True(onLoop > 0);
            Assert.True(listener.ReactorStatistics.Takeovers >= onLoop);
        }
    }

    [Fact]
    public void Handlers_OfAllLengths_LoseNothingAndNeverOverlap()
    {
        const int Clients = 4;
        int each = TestLevel.Pick(100, 400, 20_000);
        Seed seed = Seed.Take(output);
        var detectors = new System.Collections.Concurrent.ConcurrentDictionary<Endpoint, OverlapDetector>();
        string address = TestDirectory.NextAddress();
        using var listener = new Listener(
            address,
            new AwaitingHandler
            {
                Transaction = async (endpoint, transaction) =>
                {
                    OverlapDetector detector = detectors.GetOrAdd(endpoint, static _ => new OverlapDetector());
                    detector.Enter();
                    Spin(BitConverter.ToInt32(transaction.Request));
                    if (transaction.Operation % 3 == 0)
                    {
                        await Task.Yield();
                        Spin(BitConverter.ToInt32(transaction.Request));
                    }

                    detector.Leave();
                    transaction.Complete(transaction.Request);
                },
            },
            new ListenerOptions { Reactor = new ReactorOptions { Threads = 2 } });
        Threads.Run(Clients, number =>
        {
            using Endpoint client = Domain.Connect(address);
            Random random = seed.Random(number);
            byte[] reply = new byte[8];
            for (int i = 0; i < each; i++)
            {
                // Around the millisecond after which the loop is taken, so that both are under way at once.
                byte[] request = BitConverter.GetBytes(random.Next(4) == 0 ? random.Next(800, 3000) : 0);
                Assert.Equal(new CallResult(Status.Ok, 4), client.Call((uint)random.Next(100_000), request, reply));
                Assert.Equal(request, reply[..4]);
            }
        });
        foreach (OverlapDetector detector in detectors.Values)
        {
            Assert.Equal(each, detector.Passed);
            detector.MustBeClean();
        }

        output.WriteLine($"{listener.ReactorStatistics}");
        Assert.True(listener.ReactorStatistics.Takeovers > 0);
    }

    private static ScriptedHandler Answer(ScriptedHandler.TransactionAction action) => new()
    {
        Transaction = (endpoint, transaction) =>
        {
            Volatile.Write(ref s_wasOnLoop, IsOnLoopThread);
            action(endpoint, transaction);
            transaction.Complete([]);
        },
    };

    /// <summary>Calls until the strand is free of what connecting left there.</summary>
    private static void RunUntilInline(Pair pair) => Watchdog.Run(() =>
    {
        uint operation = 1000;
        do
        {
            if (!pair.Client.Call(operation++, [], []).IsOk)
                throw new InvalidOperationException("A call failed.");
        }
        while (!Volatile.Read(ref s_wasOnLoop));
    });

    // Time of its own: what others take of the processor meanwhile does not make a handler slow.
    private static void Spin(int microseconds)
    {
        long start = ThreadUsage.Read().CpuNs;
        while (ThreadUsage.Read().CpuNs - start < microseconds * 1000L)
            Thread.SpinWait(10);
    }
}
