// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>What runs on a strand: one at a time, in order, and to its end, also when the strand is disposed.</summary>
public sealed class StrandTests
{
    [Fact]
    [Rule("DI-01")]
    public void Handlers_OfOneStrandOnTwoReactors_NeverOverlap()
    {
        const int Clients = 4;
        int each = TestLevel.Pick(100, 400, 20_000);
        using var strand = new Strand();
        var detector = new OverlapDetector();
        var last = new Dictionary<Endpoint, int>(); // The strand's: it needs no lock.
        int lost = 0, disorder = 0;
        string address = TestDirectory.NextAddress();
        using var listener = new Listener(
            address,
            new AwaitingHandler
            {
                Where = static operation => operation % 7 == 6 ? Dispatch.Strand : Dispatch.Inline,
                Transaction = async (endpoint, transaction) =>
                {
                    Begin(endpoint, BitConverter.ToInt32(transaction.Request));
                    if (!await WorkAsync(transaction.Operation % 7, strand))
                        lost++;
                    transaction.Complete([]);
                    detector.Leave();
                },
                Message = async (endpoint, message) =>
                {
                    Begin(endpoint, BitConverter.ToInt32(message.Payload));
                    if (!await WorkAsync(message.Operation % 7, strand))
                        lost++;
                    detector.Leave();
                },
            },
            new ListenerOptions { Strand = strand, Reactor = new ReactorOptions { Threads = 2 } });

        Threads.Run(Clients, number =>
        {
            using Endpoint client = Domain.Connect(address);
            var random = new Random(number);
            for (int i = 1; i <= each; i++)
            {
                byte[] payload = BitConverter.GetBytes(i);
                Status status = random.Next(2) == 0
                    ? client.Send((uint)random.Next(1000), payload)
                    : client.Call((uint)random.Next(1000), payload, []).Status;
                Assert.Equal(Status.Ok, status);
            }

            Assert.Equal(Status.Ok, client.Call(0, BitConverter.GetBytes(each + 1), []).Status);
        });
        Watchdog.Until(() => detector.Passed == Clients * (each + 1), "the last handler");
        detector.MustBeClean();
        Assert.Equal((0, 0), (lost, disorder));

        void Begin(Endpoint endpoint, int number)
        {
            detector.Enter();
            if (number != last.GetValueOrDefault(endpoint) + 1)
                disorder++;
            last[endpoint] = number;
            if (Strand.Current != strand)
                lost++;
        }
    }

    [Fact]
    [Rule("DI-01")]
    public void Strand_AfterAnAwait_IsCurrentAgain_UnlessItWasDeclined()
    {
        bool[] isCurrent = new bool[4];
        using var strand = new Strand();
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Transaction = async (_, transaction) =>
                {
                    isCurrent[0] = strand.IsCurrent && SynchronizationContext.Current == strand.Context;
                    await Task.Yield();
                    isCurrent[1] = strand.IsCurrent && Strand.Current == strand;
                    await Task.Delay(1);
                    isCurrent[2] = strand.IsCurrent && SynchronizationContext.Current == strand.Context;
                    await Task.Delay(1).ConfigureAwait(false);
                    isCurrent[3] = strand.IsCurrent;
                    transaction.Complete([]);
                },
            },
            listenerOptions: new ListenerOptions { Strand = strand });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.Equal(new[] { true, true, true, false }, isCurrent);
        Assert.False(strand.IsCurrent);
    }

    [Fact]
    [Rule("DI-01")]
    public void Post_InsideAHandler_RunsAfterIt()
    {
        var trace = new List<string>();
        var done = new Gate();
        using var strand = new Strand();
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Transaction = async (_, transaction) =>
                {
                    strand.Post(_ => trace.Add("posted"));
                    trace.Add("before");
                    await Task.Delay(1);
                    trace.Add("after");
                    transaction.Complete([]);
                },
            },
            listenerOptions: new ListenerOptions { Strand = strand });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        strand.Post(_ => done.Open());
        done.MustOpen("what was posted last");
        Assert.Equal(["before", "after", "posted"], trace);
    }

    [Fact]
    [Rule("SE-04")]
    public void WhatAPostedCallbackSets_TheNextOneDoesNotFind()
    {
        var user = new AsyncLocal<string?>();
        using var strand = new Strand();
        Gate inside = new(), mayGoOn = new(), done = new();
        string? found = "nothing ran";

        // Both of one turn, and so on one thread.
        strand.Post(_ =>
        {
            inside.Open();
            mayGoOn.Pass();
            user.Value = "alice";
        });
        inside.MustOpen("the first callback");
        strand.Post(_ =>
        {
            found = user.Value;
            done.Open();
        });
        mayGoOn.Open();
        done.MustOpen("the second callback");
        Assert.Null(found);
    }

    [Fact]
    [Rule("DI-01")]
    public void Post_OfSeveralThreads_RunsEachInItsOrderAndOneAtATime()
    {
        const int Posters = 4;
        int each = TestLevel.Pick(2_000, 20_000, 1_000_000);
        var detector = new OverlapDetector();
        using var strand = new Strand();
        int[] last = new int[Posters];
        int disorder = 0;
        Threads.Run(Posters, number =>
        {
            for (int i = 1; i <= each; i++)
            {
                int mine = i;
                strand.Post(_ =>
                {
                    detector.Enter();
                    disorder += ++last[number] == mine ? 0 : 1;
                    detector.Leave();
                });
            }
        });
        Watchdog.Until(() => detector.Passed == Posters * each, "the last callback");
        detector.MustBeClean();
        Assert.Equal(0, disorder);
    }

    [Fact]
    [Rule("DI-03")]
    public void Dispose_WhileThreadsPost_RunsEachCallbackOnce()
    {
        const int Posters = 4;
        int each = TestLevel.Pick(2_000, 20_000, 1_000_000);
        using var strand = new Strand();
        var detector = new OverlapDetector();
        int[] runs = new int[Posters * each];
        int cancelled = 0, other = 0, early = 0;
        Threads.Run(Posters + 1, number =>
        {
            if (number == Posters)
            {
                Watchdog.Until(() => detector.Passed > each, "a quarter of the callbacks");
                strand.Dispose();
                return;
            }

            for (int i = 0; i < each; i++)
            {
                int index = (number * each) + i;
                strand.Post(status =>
                {
                    detector.Enter();
                    runs[index]++;
                    if (status == Status.Cancelled)
                        cancelled++;
                    else if (status == Status.Ok)
                        early += cancelled != 0 ? 1 : 0; // Once it is disposed it stays disposed.
                    else
                        other++;
                    detector.Leave();
                });
            }
        });
        strand.Dispose();
        strand.Post(static _ => throw new InvalidDataException("nobody minds"));
        Watchdog.Until(() => detector.Passed == Posters * each, "the last callback");
        detector.MustBeClean();
        Assert.All(runs, static count => Assert.Equal(1, count));
        Assert.Equal((0, 0), (other, early));
    }

    [Fact]
    [Rule("DI-03")]
    public void Dispose_WithAHandlerThatAwaits_LetsItEndAndCancelsTheRest()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int ran = 0, posted = 0, postedRuns = 0;
        bool wasOnStrand = false;
        using var strand = new Strand();
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Transaction = async (_, transaction) =>
                {
                    ran++;
                    await goOn.Task;
                    wasOnStrand = strand.IsCurrent;
                    transaction.Complete([1]);
                },
            },
            listenerOptions: new ListenerOptions { Strand = strand });
        Task<CallResult> first = pair.Client.CallAsync(1, [], new byte[8]).AsTask();
        Watchdog.Until(() => Volatile.Read(ref ran) == 1, "the first handler");
        Task<CallResult>[] queued = [.. Enumerable.Range(0, 10).Select(_ => pair.Client.CallAsync(2, [], new byte[8]).AsTask())];
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 11, "the requests");
        strand.Post(status =>
        {
            postedRuns++;
            Volatile.Write(ref posted, (int)status);
        });
        strand.Dispose();
        strand.Dispose();
        Assert.False(first.IsCompleted);
        goOn.SetResult();

        Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => first.Result));
        Assert.True(wasOnStrand);
        foreach (Task<CallResult> call in queued)
            Assert.Equal(Status.Cancelled, Watchdog.Run(() => call.Result.Status));
        Watchdog.Until(() => Volatile.Read(ref posted) == (int)Status.Cancelled, "the posted callback");
        Assert.Equal(Status.Cancelled, Watchdog.Run(() => pair.Client.Call(3, [], []).Status));
        Assert.Equal((1, 1), (ran, postedRuns));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("DI-03")]
    public void Dispose_OfAnEnd_CompletesWhatIsQueuedAndSuspendedOnce(bool ofListener)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int begun = 0, ended = 0, disconnects = 0, endedAtDisconnect = -1;
        using Pair pair = Pair.Make(new AwaitingHandler
        {
            Transaction = async (_, transaction) =>
            {
                Interlocked.Increment(ref begun);
                if (transaction.Operation == 1)
                    await goOn.Task;
                transaction.TryComplete(Status.Ok, []);
                Interlocked.Increment(ref ended);
            },
            Disconnect = (_, _) =>
            {
                endedAtDisconnect = Volatile.Read(ref ended);
                Interlocked.Increment(ref disconnects);
            },
        });
        int completions = 0;
        Task<Status>[] calls = [.. Enumerable.Range(0, 20).Select(i => CallAsync(i == 0 ? 1u : 2u))];
        Task disposing;
        int disconnectsBefore;
        try
        {
            // The listener knows its endpoint for sure when a handler of it runs.
            Watchdog.Until(() => Volatile.Read(ref begun) == 1, "the first handler");
            Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 20, "the requests");
            disposing = Task.Run(() =>
            {
                if (ofListener)
                    pair.Listener.Dispose();
                else
                    pair.Client.Dispose();
            });
            Watchdog.Run(() => Task.WaitAll(calls), "the calls");
            disconnectsBefore = Volatile.Read(ref disconnects);
        }
        finally
        {
            goOn.SetResult();
        }

        Assert.Equal(0, disconnectsBefore); // No disconnect while a handler is under way.
        Watchdog.Run(disposing.Wait, "the end");
        Watchdog.Until(() => Volatile.Read(ref disconnects) != 0, "the disconnect");

        Assert.Equal(20, completions);
        Assert.Equal(Status.OutcomeUnknown, calls[0].Result);

        // They never ran; but mostly the end comes before whoever closes can say so.
        Assert.All(calls[1..], static call => Assert.Contains(call.Result, new[] { Status.OutcomeUnknown, Status.NotSent }));
        Assert.Equal(1, disconnects);
        Assert.Equal(begun, ended);
        Assert.Equal(ended, endedAtDisconnect);

        async Task<Status> CallAsync(uint operation)
        {
            CallResult result = await pair.Client.CallAsync(operation, [], new byte[8]).ConfigureAwait(false);
            Interlocked.Increment(ref completions);
            return result.Status;
        }
    }

    /// <summary>What handlers do; false when the strand was lost.</summary>
    private static async ValueTask<bool> WorkAsync(uint kind, Strand strand)
    {
        switch (kind)
        {
            case 1:
                await Task.Yield();
                break;
            case 2:
                await Task.Delay(1);
                break;
            case 3:
                await Task.Yield();
                await Task.Run(static () => { });
                break;
            case 4:
                await OffStrandAsync();
                break;
            case 5:
                Thread.SpinWait(2_000);
                break;
        }

        return strand.IsCurrent && Strand.Current == strand;
    }

    private static async Task OffStrandAsync()
    {
        await Task.Delay(1).ConfigureAwait(false);
        await Task.Yield();
    }
}
