// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Cancelling an awaited call: it completes once, the handler's token hears of it, and the slot comes back.</summary>
[Rule("CA-06")]
public abstract class CancelTests(ITestOutputHelper output, Transport transport)
{
    private const int Slots = 64;

    [Fact]
    public void Token_CancelledBefore_SendsNothing()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        Assert.Equal(Status.Cancelled, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty, default, new CancellationToken(true))).Status);
        Assert.Equal(0, pair.Client.Statistics.RequestsSent);
    }

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Cancel_OfASuspendedCall_ReachesAHandlerThatBlocks(Dispatch dispatch)
    {
        Gate inside = new(), heard = new();
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Dispatch = dispatch,
            Transaction = transaction =>
            {
                CancellationToken token = transaction.CancellationToken;
                inside.Open();
                token.WaitHandle.WaitOne();
                heard.Open();
                transaction.Complete(Status.Ok);
                return ValueTask.CompletedTask;
            },
        });
        using var source = new CancellationTokenSource();
        Task<CallResult> call = pair.Client.CallAsync(1, [], Memory<byte>.Empty, default, source.Token).AsTask();
        inside.MustOpen("the handler");
        Assert.False(call.IsCompleted);
        source.Cancel();
        Assert.Equal(new CallResult(Status.Cancelled, 0), Awaited.Get(call));
        heard.MustOpen("the handler's token");
    }

    // At any moment: before the server took the request, while its handler starts, when it waits. Each handler ends only by its token.
    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Cancel_AtAnyMoment_ReachesAHandlerThatAwaits(Dispatch dispatch)
    {
        int started = 0, ended = 0;
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Dispatch = dispatch,
            Transaction = async transaction =>
            {
                Interlocked.Increment(ref started);
                try
                {
                    await Task.Delay(Timeout.Infinite, transaction.CancellationToken);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref ended);
                }

                transaction.Complete(Status.Ok);
            },
        });
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        int rounds = TestLevel.Pick(200, 2_000, 200_000);
        for (int round = 0; round < rounds; round++)
        {
            using var source = new CancellationTokenSource();
            int startedBefore = Volatile.Read(ref started);
            Task<CallResult> call = pair.Client.CallAsync(1, [], Memory<byte>.Empty, default, source.Token).AsTask();
            Thread.SpinWait(random.Next(3) == 0 ? 0 : random.Next(3_000));

            // On a busy machine, or over a queue, hardly any would start else.
            if (round % 8 == 0)
                Watchdog.Until(() => call.IsCompleted || Volatile.Read(ref started) != startedBefore, "a handler's start");
            source.Cancel();
            Status status = Awaited.Get(call).Status;
            Assert.True(status is Status.Cancelled or Status.Overloaded, $"{status}");
            if (status == Status.Cancelled && random.Next(8) != 0)
                continue;
            Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == pair.Client.Statistics.RequestsSent, "the requests");
            Watchdog.Until(() => Volatile.Read(ref started) == Volatile.Read(ref ended), "the handlers' tokens");
        }

        // Whatever was in the ring has come, and has ended.
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == pair.Client.Statistics.RequestsSent, "the requests");
        Watchdog.Until(() => Volatile.Read(ref started) == Volatile.Read(ref ended), "the handlers' tokens");
        output.WriteLine($"{rounds} cancelled, {started} had started");
        Assert.NotEqual(0, started);
        MustHaveAllSlots(pair);
    }

    [Fact]
    [Rule("CA-01")]
    public void Cancel_RacingWithTheReply_EndsTheCallOnceEitherWay()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        Seed seed = Seed.Take(output);
        Random random = seed.Random(), other = seed.Random(1);
        int ok = 0, cancelled = 0, rounds = TestLevel.Pick(500, 4_000, 400_000);
        bool isDone = false;
        var answering = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                if (held.Count == 0)
                    Thread.Yield();
                else
                    Thread.SpinWait(other.Next(2_000));
                held.AnswerOne();
            }
        })
        { IsBackground = true, Name = "answering" };
        answering.Start();
        byte[] reply = new byte[8];
        for (int round = 0; round < rounds; round++)
        {
            reply.AsSpan().Fill(0xEE);
            byte[] request = BitConverter.GetBytes((long)round);
            using var source = new CancellationTokenSource();
            Task<CallResult> call = pair.Client.CallAsync(1, request, reply, default, source.Token).AsTask();
            Thread.SpinWait(random.Next(3_000));
            if (round % 8 == 0)
                Watchdog.Until(() => call.IsCompleted, "an answer");
            source.Cancel();
            CallResult result = Awaited.Get(call);
            if (result.IsOk)
            {
                Assert.Equal(request, reply);
                ok++;
            }
            else if (result.Status == Status.Overloaded)
            {
                Thread.Yield(); // The late replies have not caught up.
            }
            else
            {
                Assert.Equal(new CallResult(Status.Cancelled, 0), result);
                Assert.DoesNotContain(reply, static value => value != 0xEE);
                cancelled++;
            }
        }

        Volatile.Write(ref isDone, true);
        Watchdog.Join(answering);
        AnswerUpToALast(pair, held);
        output.WriteLine($"{ok} answered, {cancelled} cancelled");
        Assert.True(ok > 0 && cancelled > 0, $"{ok} answered, {cancelled} cancelled");
        MustHaveAllSlots(pair, held);
    }

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    public void Cancel_OfAQueuedRequest_KeepsItFromRunning(Dispatch dispatch)
    {
        Gate inside = new(), mayGoOn = new();
        var ran = new ConcurrentQueue<byte>();
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Dispatch = dispatch,
            Transaction = transaction =>
            {
                byte number = transaction.Request[0];
                ran.Enqueue(number);
                if (number == 0)
                {
                    inside.Open();
                    mayGoOn.Pass();
                }

                transaction.Complete(transaction.Request);
                return ValueTask.CompletedTask;
            },
        });
        using var source = new CancellationTokenSource();
        byte[] reply = new byte[1];

        // With a deadline, so that inside a process it leaves its caller alone (CA-11).
        Task<CallResult> first = pair.Client.CallAsync(1, [0], reply, Deadline.After(TimeSpan.FromMinutes(10))).AsTask();
        inside.MustOpen("the first handler");
        Task<CallResult> second = pair.Client.CallAsync(1, [1], new byte[1], default, source.Token).AsTask();
        Task<CallResult> third = pair.Client.CallAsync(1, [2], new byte[1]).AsTask();
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 3, "the queued requests");
        source.Cancel();
        Assert.Equal(Status.Cancelled, Awaited.Get(second).Status);

        // The server has seen the cancel when it has looked at the count; the next record that it takes comes after that look.
        Assert.True(TakesAfter(pair));
        mayGoOn.Open();
        Assert.True(Awaited.Get(first).IsOk);
        Assert.True(Awaited.Get(third).IsOk);
        Assert.Equal([0, 2], ran.Where(static number => number < 100));
        MustHaveAllSlots(pair);
    }

    [Fact]
    [Rule("CA-03")]
    [Rule("CA-05")]
    [Rule("CA-07")]
    public void Slots_OfCancelledCalls_ComeBackWithTheirLateReplies()
    {
        var held = new Held();
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(held.Handler(), client);
        int rounds = TestLevel.Pick(5, 40, 4_000);
        for (int round = 1; round <= rounds; round++)
        {
            using var source = new CancellationTokenSource();
            byte[][] old = [.. Enumerable.Range(0, Slots).Select(static _ => new byte[4])];
            Task<CallResult>[] calls = [.. old.Select(reply => pair.Client.CallAsync(1, [9, 9, 9, 9], reply, default, source.Token).AsTask())];
            held.MustBe(Slots);
            source.Cancel();
            Assert.All(calls, static call => Assert.Equal(Status.Cancelled, Awaited.Get(call).Status));

            // The server has not answered: the slots are not free, and who is refused now hears of it later.
            Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
            Assert.Equal(round - 1, client.Notices);
            held.AnswerAll();
            Watchdog.Until(() => client.Notices == round, "send possible");

            MustHaveAllSlots(pair, held);
            Assert.All(old, static reply => Assert.Equal([0, 0, 0, 0], reply));
        }

        Assert.Equal(rounds, client.Notices);
    }

    [Fact]
    public void Calls_ThatTimedOutBlocking_GiveTheirSlotsBackToARefusedCaller()
    {
        var held = new Held();
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(held.Handler(), client);
        Threads.Run(Slots, _ => Assert.Equal(
            Status.DeadlineExceeded, pair.Client.Call(1, [], [], Deadline.After(TimeSpan.FromMilliseconds(300))).Status));
        held.MustBe(Slots);
        Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty)).Status);
        held.AnswerAll();
        Watchdog.Until(() => client.Notices == 1, "send possible");
        MustHaveAllSlots(pair, held);
    }

    [Fact]
    public void Peer_ThatNeverAnswersCancelledCalls_ExhaustsOnlyItsOwnConnection()
    {
        var held = new Held();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (endpoint, transaction) =>
            {
                if (transaction.Operation == 1)
                    held.Add(transaction);
                else
                    ScriptedHandler.Echo(endpoint, transaction);
            },
        });
        using Endpoint neighbour = Watchdog.Run(() => Domain.Connect(pair.Listener.Address.Text));
        using var source = new CancellationTokenSource();
        Task<CallResult>[] calls = [.. Enumerable.Range(0, Slots).Select(_ => pair.Client.CallAsync(1, [], Memory<byte>.Empty, default, source.Token).AsTask())];
        held.MustBe(Slots);
        source.Cancel();
        Assert.All(calls, static call => Assert.Equal(Status.Cancelled, Awaited.Get(call).Status));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Status.Overloaded, Awaited.Get(pair.Client.CallAsync(2, [], Memory<byte>.Empty)).Status);
            Assert.True(Awaited.Get(neighbour.CallAsync(2, [], Memory<byte>.Empty)).IsOk);
        }

        Assert.Equal(
            Status.DeadlineExceeded, Watchdog.Run(() => pair.Client.Call(2, [], [], Deadline.After(TimeSpan.FromMilliseconds(20)))).Status);
        Watchdog.Run(pair.Client.Dispose);
        Watchdog.Until(() => Awaited.IsRetired(pair.Client), "the memory");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Token_OfAHandler_HearsOfATimeOutAndOfTheEnd(bool isTimeOut)
    {
        Gate inside = new(), heard = new();

        // Its token hears of the time by itself: an answer to that may come before its caller looks, and is taken.
        var isOver = new TaskCompletionSource();
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Transaction = async transaction =>
            {
                inside.Open();
                await Task.Delay(Timeout.Infinite, transaction.CancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
                heard.Open();
                await isOver.Task;
                transaction.TryComplete(Status.Ok, []);
            },
        });
        Status status;
        if (isTimeOut)
        {
            status = Watchdog.Run(() => pair.Client.Call(1, [], [], Deadline.After(TimeSpan.FromMilliseconds(20)))).Status;
        }
        else
        {
            Task<CallResult> call = pair.Client.CallAsync(1, [], Memory<byte>.Empty).AsTask();
            inside.MustOpen("the handler");
            Watchdog.Run(pair.Client.Dispose);
            status = Awaited.Get(call).Status;
        }

        isOver.SetResult();
        Assert.Equal(isTimeOut ? Status.DeadlineExceeded : Status.OutcomeUnknown, status);

        // A deadline that passed in the ring keeps the handler from starting.
        if (inside.IsOpen || !isTimeOut)
            heard.MustOpen("the handler's token");
    }

    // A timer belongs to a slot, and fires when the slot is another request's.
    [Fact]
    [Rule("CA-05")]
    public void Token_InASlotWhoseLastRequestHadADeadline_IsNotCancelledByIt()
    {
        var held = new ConcurrentQueue<Transaction>();
        var tokens = new ConcurrentQueue<CancellationToken>();
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Transaction = transaction =>
            {
                tokens.Enqueue(transaction.CancellationToken);
                if (transaction.Operation == 1)
                    transaction.Complete([]);
                else
                    held.Enqueue(transaction);
                return ValueTask.CompletedTask;
            },
        });
        using Endpoint later = Domain.Connect(pair.Listener.Address.Text);

        // The first ones use every slot; their deadline passes when the second ones have them.
        var deadline = Deadline.After(TimeSpan.FromMilliseconds(500));
        Task<CallResult>[] first = [.. Enumerable.Range(0, Slots).Select(_ => pair.Client.CallAsync(1, [], Memory<byte>.Empty, deadline).AsTask())];
        foreach (Task<CallResult> call in first)
            Assert.True(Awaited.Get(call).Status is Status.Ok or Status.DeadlineExceeded);
        Watchdog.Until(() => pair.Listener.Statistics.Charged.Transactions == 0, "all slots");
        tokens.Clear();
        var second = new List<Task<CallResult>>();
        while (second.Count < Slots)
        {
            Task<CallResult> call = pair.Client.CallAsync(2, [], Memory<byte>.Empty).AsTask();
            if (!call.IsCompleted)
                second.Add(call);
            else
                Assert.Equal(Status.Overloaded, call.Result.Status);
        }

        Watchdog.Until(() => held.Count == Slots, "all requests");
        Watchdog.Until(() => deadline.HasPassed, "the deadline");

        // What is due later in the same wheel has fired: so have the others.
        while (later.Call(2, [], [], Deadline.After(TimeSpan.FromMilliseconds(50))).Status != Status.DeadlineExceeded || held.Count == Slots)
        {
        }

        Watchdog.Until(() => tokens.Any(static token => token.IsCancellationRequested), "the later one");
        Assert.Equal(Slots, tokens.Count(static token => !token.IsCancellationRequested));
        Assert.DoesNotContain(second, static call => call.IsCompleted);
    }

    /// <summary>The server takes one more record, after whatever it had to see before.</summary>
    private static bool TakesAfter(Pair pair)
    {
        for (int i = 0; i < 3; i++)
        {
            long received = pair.Server.Statistics.MessagesReceived;
            if (pair.Client.TrySend(100, []) != Status.Ok)
                return false;
            Watchdog.Until(() => pair.Server.Statistics.MessagesReceived > received, "a message");
        }

        return true;
    }

    /// <summary>Answers what the server has and what is still on its way, which is taken in order: so, up to one more.</summary>
    private static void AnswerUpToALast(Pair pair, Held held)
    {
        Task<CallResult>? last = null;
        Watchdog.Until(
            () =>
            {
                if (last is null || (last.IsCompleted && last.Result.Status == Status.Overloaded))
                    last = pair.Client.CallAsync(1, [], Memory<byte>.Empty).AsTask();
                held.AnswerAll();
                return last.IsCompleted && last.Result.IsOk;
            },
            "the answer to a last request");
    }

    /// <summary>Uses all slots at once; each answer must be the call's own.</summary>
    private static void MustHaveAllSlots(Pair pair, Held held)
    {
        byte[][] replies = [.. Enumerable.Range(0, Slots).Select(static _ => new byte[4])];
        Task<CallResult>[] calls = TakeAllSlots(pair, replies, CancellationToken.None);
        held.MustBe(Slots);
        held.AnswerAll();
        for (int i = 0; i < Slots; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 4), Awaited.Get(calls[i]));
            Assert.Equal(i, BitConverter.ToInt32(replies[i]));
        }
    }

    /// <summary>The same where the server answers by itself, or when it is cancelled.</summary>
    private static void MustHaveAllSlots(Pair pair)
    {
        using var source = new CancellationTokenSource();
        byte[][] replies = [.. Enumerable.Range(0, Slots).Select(static _ => new byte[4])];
        Task<CallResult>[] calls = TakeAllSlots(pair, replies, source.Token);
        source.Cancel();
        Assert.All(calls, static call => Assert.True(Awaited.Get(call).Status is Status.Ok or Status.Cancelled));
    }

    private static Task<CallResult>[] TakeAllSlots(Pair pair, byte[][] replies, CancellationToken token)
    {
        var calls = new Task<CallResult>[Slots];
        for (int i = 0; i < Slots; i++)
        {
            int number = i;
            Watchdog.Until(
                () =>
                {
                    calls[number] = pair.Client.CallAsync(1, BitConverter.GetBytes(number), replies[number], default, token).AsTask();
                    return !calls[number].IsCompleted || calls[number].Result.Status != Status.Overloaded;
                },
                "a slot");
        }

        return calls;
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : CancelTests(output, Transport.SharedMemory)
    {
        // Nobody waits on the client's port, so nobody there notices that the time is up, as in a process that was stopped.
        [Theory]
        [InlineData(Dispatch.Inline)]
        [InlineData(Dispatch.Strand)]
        [InlineData(Dispatch.Concurrent)]
        [Rule("CA-05")]
        public void Token_OfACallerThatSaysNothing_HearsThatTheTimeIsUp(Dispatch dispatch)
        {
            Gate inside = new(), heard = new();
            using EventPort port = new();
            using Listener listener = Domain.Listen(TestDirectory.NextAddress(), new NoticingHandler
            {
                Dispatch = dispatch,
                Transaction = async transaction =>
                {
                    CancellationToken token = transaction.CancellationToken;
                    inside.Open();
                    await Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => { }, TaskScheduler.Default);
                    heard.Open();
                    transaction.TryComplete(Status.Ok, []);
                },
            });
            using Endpoint client = Domain.Connect(listener.Address.Text, options: new EndpointOptions { Port = port });

            // A deadline that passed in the ring keeps the handler from starting.
            var calls = new List<Task<CallResult>>();
            for (int milliseconds = 50; !inside.IsOpen; milliseconds *= 2)
            {
                var deadline = Deadline.After(TimeSpan.FromMilliseconds(milliseconds));
                calls.Add(client.CallAsync(1, [], Memory<byte>.Empty, deadline).AsTask());
                Watchdog.Until(() => inside.IsOpen || deadline.HasPassed, "the handler, or the deadline");
            }

            heard.MustOpen("the handler's token");
            Assert.DoesNotContain(calls, static call => call.IsCompleted && call.Result.Status == Status.DeadlineExceeded);
        }
    }

    public sealed class InsideAProcess(ITestOutputHelper output) : CancelTests(output, Transport.InProcess);
}
