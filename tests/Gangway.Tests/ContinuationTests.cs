// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>What follows an awaited call: where it runs, and what happens to the others when it stays.</summary>
public sealed class ContinuationTests
{
    [Fact]
    public void Continuation_OfACallerWithAContext_RunsThere()
    {
        var held = new Held();
        using Pair pair = Pair.Make(held.Handler());
        var context = new OneThread();
        int wrong = 0;
        var done = new Gate();
        context.Post(async _ =>
        {
            for (int i = 0; i < 50; i++)
            {
                CallResult result = await pair.Client.CallAsync(1, [], Memory<byte>.Empty);
                wrong += result.IsOk && SynchronizationContext.Current == context && Thread.CurrentThread == context.Thread ? 0 : 1;
            }

            done.Open();
        }, null);
        Watchdog.Until(
            () =>
            {
                held.AnswerAll();
                return done.IsOpen;
            },
            "the calls");
        Assert.Equal(0, wrong);
        context.End();
    }

    // The thread that would complete the other calls is the one that the continuation keeps.
    [Fact]
    [Rule("DI-04")]
    public void Continuation_ThatStays_LosesTheLoopAndOthersGoOn()
    {
        var held = new Held();
        using Pair pair = MakeHolding(held);
        for (int round = 0; round < TestLevel.Pick(2, 5, 100); round++)
        {
            Gate inside = new(), mayGoOn = new(), done = new();
            Task<CallResult> other = Suspended(pair, held);
            Task staying = Stay(inside, mayGoOn, done);
            held.MustBe(2);
            held.AnswerAll();
            inside.MustOpen("the continuation");
            Assert.True(Awaited.Get(other).IsOk);
            for (int i = 0; i < 20; i++)
                Assert.True(Awaited.Get(pair.Client.CallAsync(1, [1], new byte[1])).IsOk);
            Task<CallResult> late = Suspended(pair, held);
            held.AnswerAll();
            Assert.True(Awaited.Get(late).IsOk);
            Assert.False(staying.IsCompleted);
            mayGoOn.Open();
            done.MustOpen("the rest of the continuation");
        }

        async Task Stay(Gate inside, Gate mayGoOn, Gate done)
        {
            await pair.Client.CallAsync(2, [], Memory<byte>.Empty).ConfigureAwait(false);
            inside.Open();
            mayGoOn.Pass();
            done.Open();
        }
    }

    [Fact]
    [Rule("CA-10")]
    public void Continuation_ThatCallsOnTheSameEndpoint_Goes()
    {
        var held = new Held();
        using Pair pair = MakeHolding(held);
        for (int round = 0; round < TestLevel.Pick(3, 30, 3_000); round++)
        {
            Task<bool> calling = Chain();
            held.MustBe(1);
            held.AnswerAll();
            Assert.True(Awaited.Get(calling));
        }

        async Task<bool> Chain()
        {
            byte[] reply = new byte[4];
            await pair.Client.CallAsync(2, [], Memory<byte>.Empty).ConfigureAwait(false);

            // Mostly on a reactor's thread: blocking gives its loop away, awaiting does not need to.
            bool isGood = pair.Client.Call(1, [1, 2], reply) == new CallResult(Status.Ok, 2);
            for (byte i = 0; i < 100; i++)
                isGood &= await pair.Client.CallAsync(1, [i], reply).ConfigureAwait(false) == new CallResult(Status.Ok, 1) && reply[0] == i;
            isGood &= pair.Client.Call(1, [1, 2, 3], reply) == new CallResult(Status.Ok, 3);
            return isGood;
        }
    }

    // A thousand calls, each issued by the continuation of the one before: nothing recurses.
    [Fact]
    public void Continuations_OfPipelinedCalls_IssueTheNext()
    {
        using Pair pair = Pair.Make(new NoticingHandler { Dispatch = Dispatch.Strand });
        int each = TestLevel.Pick(100, 1_000, 100_000);
        Task<int>[] lanes = [.. Enumerable.Range(0, 16).Select(number => Task.Run(() => Pump(number)))];
        Assert.All(lanes, lane => Assert.Equal(each, Awaited.Get(lane)));

        async Task<int> Pump(int number)
        {
            byte[] reply = new byte[8], request = new byte[8];
            int good = 0;
            for (int i = 0; i < each; i++)
            {
                BitConverter.TryWriteBytes(request, (long)number << 32 | (uint)i);
                CallResult result = await pair.Client.CallAsync(1, request, reply).ConfigureAwait(false);
                good += result == new CallResult(Status.Ok, 8) && reply.AsSpan().SequenceEqual(request) ? 1 : 0;
            }

            return good;
        }
    }

    private static Task<CallResult> Suspended(Pair pair, Held held)
    {
        int before = held.Count;
        Task<CallResult> call = pair.Client.CallAsync(2, [], Memory<byte>.Empty).AsTask();
        Watchdog.Until(() => held.Count > before, "the request");
        return call;
    }

    private sealed class OneThread : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];

        internal OneThread()
        {
            Thread = new Thread(() =>
            {
                SetSynchronizationContext(this);
                foreach ((SendOrPostCallback callback, object? state) in _work.GetConsumingEnumerable())
                    callback(state);
            })
            { IsBackground = true, Name = "context" };
            Thread.Start();
        }

        internal Thread Thread { get; }

        public override void Post(SendOrPostCallback d, object? state) => _work.Add((d, state));

        internal void End()
        {
            _work.CompleteAdding();
            Watchdog.Join(Thread);
            _work.Dispose();
        }
    }

    /// <summary>A server that keeps requests of operation 2, and echoes the others.</summary>
    private static Pair MakeHolding(Held held) => Pair.Make(new ScriptedHandler
    {
        Transaction = (endpoint, transaction) =>
        {
            if (transaction.Operation == 2)
                held.Add(transaction);
            else
                ScriptedHandler.Echo(endpoint, transaction);
        },
    });
}
