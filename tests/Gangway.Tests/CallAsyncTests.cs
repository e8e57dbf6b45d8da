// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Awaitable calls: completed on the spot or later, all slots in flight, results, and what is refused.</summary>
public abstract class CallAsyncTests(ITestOutputHelper output, Transport transport)
{
    private protected ITestOutputHelper Output => output;

    private const int Slots = 64;

    [Fact]
    public void CallAsync_ToAQuickService_CompletesWithoutSuspending()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        byte[] reply = new byte[8];
        int calls = 0;
        Watchdog.Until(
            () =>
            {
                bool isThere = false;
                for (int i = 0; i < 1_000 && !isThere; i++)
                {
                    byte[] request = BitConverter.GetBytes((long)calls++);
                    ValueTask<CallResult> call = pair.Client.CallAsync(1, request, reply);
                    isThere = call.IsCompleted;
                    Assert.Equal(new CallResult(Status.Ok, 8), Awaited.Get(call));
                    Assert.Equal(request, reply);
                }

                return isThere;
            },
            "a call that completes without suspending");
        output.WriteLine($"call {calls} did not suspend");
    }

    [Fact]
    public void CallAsync_ToASlowService_SuspendsUntilTheReply()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        byte[] reply = new byte[8];
        for (int round = 0; round < TestLevel.Pick(20, 200, 20_000); round++)
        {
            byte[] request = BitConverter.GetBytes((long)round);
            ValueTask<CallResult> call = pair.Client.CallAsync(1, request, reply);
            held.MustBe(1);
            Assert.False(call.IsCompleted);
            held.AnswerAll();
            Assert.Equal(new CallResult(Status.Ok, 8), Awaited.Get(call));
            Assert.Equal(request, reply);
        }
    }

    // The slot may be another caller's by then, whose call the second await would end.
    [Fact]
    public void Await_ASecondTime_Throws_AndEndsNobodysCall()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        ValueTask<CallResult> first = pair.Client.CallAsync(1, [], default);
        held.MustBe(1);
        held.AnswerAll();
        Assert.Equal(Status.Ok, Awaited.Get(first).Status);
        Assert.Throws<InvalidOperationException>(() => Awaited.Get(first));

        // All slots, so that the first one's is in use.
        ValueTask<CallResult>[] calls = [.. Enumerable.Range(0, Slots).Select(_ => pair.Client.CallAsync(1, [], default))];
        held.MustBe(Slots);
        Assert.Throws<InvalidOperationException>(() => Awaited.Get(first));
        held.AnswerAll();
        Assert.All(calls, static call => Assert.Equal(Status.Ok, Awaited.Get(call).Status));
    }

    [Fact]
    [Rule("CA-07")]
    public void CallAsync_WithAllSlotsInFlight_IsRefusedAndToldOnce()
    {
        var held = new Held();
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(held.Handler(), client);
        int rounds = TestLevel.Pick(5, 40, 5_000);
        for (int round = 1; round <= rounds; round++)
        {
            byte[][] replies = [.. Enumerable.Range(0, Slots).Select(static _ => new byte[4])];
            Task<CallResult>[] calls = [.. replies.Select((reply, i) => pair.Client.CallAsync(1, BitConverter.GetBytes(i), reply).AsTask())];
            Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
            Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
            held.MustBe(Slots);
            Assert.Equal(round - 1, client.Notices);
            Assert.True(held.AnswerOne());
            Watchdog.Until(() => client.Notices == round, "send possible");

            // It is possible.
            Task<CallResult> more = pair.Client.CallAsync(1, [], Memory<byte>.Empty).AsTask();
            held.MustBe(Slots);
            held.AnswerAll();
            Assert.True(Awaited.Get(more).IsOk);
            for (int i = 0; i < Slots; i++)
            {
                Assert.Equal(new CallResult(Status.Ok, 4), Awaited.Get(calls[i]));
                Assert.Equal(i, BitConverter.ToInt32(replies[i]));
            }
        }

        Assert.Equal(rounds, client.Notices);
        Assert.Equal(rounds * (Slots + 1), pair.Client.Statistics.RequestsSent);
    }

    [Fact]
    [Rule("CA-07")]
    public void CallAsync_WithResultsThatNobodyTook_IsRefusedUntilOneIsTaken()
    {
        var held = new Held();
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(held.Handler(), client);
        ValueTask<CallResult>[] calls = [.. Enumerable.Range(0, Slots).Select(i => pair.Client.CallAsync(1, BitConverter.GetBytes(i), new byte[4]))];
        held.MustBe(Slots);
        held.AnswerAll();
        foreach (ValueTask<CallResult> call in calls)
            Watchdog.Until(() => call.IsCompleted, "a result");
        Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
        Assert.Equal(0, client.Notices);
        Assert.Equal(4, Awaited.Get(calls[17]).Length);
        Watchdog.Until(() => client.Notices == 1, "send possible");
        for (int i = 0; i < Slots; i++)
        {
            if (i != 17)
                Assert.Equal(new CallResult(Status.Ok, 4), Awaited.Get(calls[i]));
        }
    }

    [Fact]
    [Rule("CA-04")]
    public void CallAsync_TooLargeEitherWay_IsAnErrorAndNothingIsCut()
    {
        using Pair pair = transport.Pair(new NoticingHandler { Transaction = static async transaction =>
        {
            await Task.Yield();
            transaction.Complete(new byte[Transaction.ReplyBytesMax]);
        } });
        Assert.Throws<ArgumentException>(() => { _ = pair.Client.CallAsync(1, new byte[Endpoint.PayloadBytesMax + 1], Memory<byte>.Empty).AsTask(); });
        Assert.Equal(0, pair.Client.Statistics.RequestsSent);
        byte[] reply = new byte[Transaction.ReplyBytesMax];
        reply.AsSpan().Fill(7);
        Assert.Equal(
            new CallResult(Status.ReplyTooLarge, reply.Length),
            Awaited.Get(pair.Client.CallAsync(1, new byte[Endpoint.PayloadBytesMax], reply.AsMemory(1))));
        Assert.DoesNotContain(reply, static value => value != 7);
        Assert.Equal(new CallResult(Status.Ok, reply.Length), Awaited.Get(pair.Client.CallAsync(1, [], reply)));
    }

    [Fact]
    [Rule("LC-07")]
    public void CallAsync_BeforeConnectOrAfterTheEnd_SaysSo()
    {
        using var never = new Endpoint(transport.NextAddress());
        Assert.Equal(Status.NotConnected, Awaited.Get(never.CallAsync(1, [], Memory<byte>.Empty)).Status);
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        Watchdog.Run(pair.Client.Dispose);
        Assert.Equal(Status.NotConnected, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
    }

    [Fact]
    [Rule("CA-10")]
    public void Calls_BlockingAndAwaited_OfManyThreads_GetTheirOwnReplies()
    {
        const int Blocking = 6, Awaiting = 6;
        int each = TestLevel.Pick(100, 1_000, 200_000);
        using var late = new BlockingCollection<(Transaction Transaction, byte[] Reply)>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
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
        int suspended = 0, refused = 0, exceeded = 0, cancelled = 0;
        Threads.Run(Blocking + Awaiting, number =>
        {
            Random random = seed.Random(number);
            if (number < Blocking)
                CallBlocking(random, number);
            else
                Awaited.Get(CallAwaiting(random, number), "the awaited calls");
        });
        late.CompleteAdding();
        Watchdog.Join(answering);
        output.WriteLine($"{suspended} suspended, {refused} refused, {exceeded} exceeded, {cancelled} cancelled; {pair.Client.Statistics}");
        Assert.NotEqual(0, suspended);

        void CallBlocking(Random random, int number)
        {
            byte[] reply = new byte[Transaction.ReplyBytesMax];
            for (int i = 0; i < each; i++)
            {
                byte[] request = RequestOf(random, number, i);
                uint operation = (uint)random.Next(200);
                Judge(pair.Client.Call(operation, request, reply), request, operation, reply);
            }
        }

        async Task<bool> CallAwaiting(Random random, int number)
        {
            byte[] reply = new byte[Transaction.ReplyBytesMax];
            for (int i = 0; i < each; i++)
            {
                byte[] request = RequestOf(random, number, i);
                uint operation = (uint)random.Next(200);
                Deadline deadline = random.Next(4) == 0 ? Deadline.After(TimeSpan.FromTicks(random.Next(-10, 5_000))) : default;
                using var source = random.Next(4) == 0 ? new CancellationTokenSource() : null;
                ValueTask<CallResult> call = pair.Client.CallAsync(operation, request, reply, deadline, source?.Token ?? default);
                if (!call.IsCompleted)
                    Interlocked.Increment(ref suspended);
                if (random.Next(2) == 0)
                    source?.Cancel();
                CallResult result = await call.ConfigureAwait(false);
                switch (result.Status)
                {
                    case Status.Overloaded:
                        Interlocked.Increment(ref refused);
                        break;
                    case Status.DeadlineExceeded:
                        Assert.True(deadline.HasPassed);
                        Interlocked.Increment(ref exceeded);
                        break;
                    case Status.Cancelled:
                        Assert.True(source!.IsCancellationRequested);
                        Interlocked.Increment(ref cancelled);
                        break;
                    default:
                        Judge(result, request, operation, reply);
                        break;
                }
            }

            return true;
        }

        static void Judge(CallResult result, byte[] request, uint operation, byte[] reply)
        {
            Assert.Equal(new CallResult((Status)(256 + operation), request.Length + 1), result);
            Assert.True(reply.AsSpan(0, request.Length).SequenceEqual(request));
            Assert.Equal((byte)operation, reply[request.Length]);
        }

        static byte[] RequestOf(Random random, int number, int i)
        {
            byte[] request = new byte[random.Next(8, 200)];
            random.NextBytes(request);
            BitConverter.TryWriteBytes(request, (long)number << 32 | (uint)i);
            return request;
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : CallAsyncTests(output, Transport.SharedMemory)
    {
        // A mark that an awaited call leaves in its slot must not make each later call of the slot ring a sleeper.
        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        [Rule("SH-02")]
        public void Calls_AfterAnAwaitedOne_RingNobody(bool isBlocking)
        {
            var held = new Held();
            using Pair pair = Pair.Make(new ScriptedHandler
            {
                Transaction = (endpoint, transaction) =>
                {
                    if (transaction.Operation == 2)
                        held.Add(transaction);
                    else
                        ScriptedHandler.Echo(endpoint, transaction);
                },
            });
            Task<CallResult> call = pair.Client.CallAsync(2, [], Memory<byte>.Empty).AsTask();
            held.MustBe(1);
            held.AnswerAll();
            Assert.True(Awaited.Get(call).IsOk);
            int calls = TestLevel.Pick(500, 2_000, 100_000);
            int suspended = 0;

            // Whose look for its reply comes late, because others have the processors, may be rung and need not suspend. A mark
            // that stays rings for each call; so one quiet round is proof.
            Watchdog.Until(
                () =>
                {
                    suspended = 0;
                    long rings = pair.Server.Statistics.Rings;
                    Watchdog.Run(() =>
                    {
                        for (int i = 0; i < calls; i++)
                            Assert.True((isBlocking ? pair.Client.Call(1, [], []) : CallAsync()).IsOk);
                    });
                    rings = pair.Server.Statistics.Rings - rings;
                    Output.WriteLine($"{rings} rings for {calls} calls, of which {suspended} suspended");
                    return rings <= suspended + (calls / 10);
                },
                "a round in which few are rung");

            CallResult CallAsync()
            {
                ValueTask<CallResult> next = pair.Client.CallAsync(1, [], Memory<byte>.Empty);
                suspended += next.IsCompleted ? 0 : 1;
                return next.AsTask().GetAwaiter().GetResult();
            }
        }
    }

    public sealed class InsideAProcess(ITestOutputHelper output) : CallAsyncTests(output, Transport.InProcess);
}
