// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>What only connections inside a process do: their callers' threads migrate into the handlers.</summary>
public sealed class InProcessTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Rule("CA-11")]
    public void Call_WhoseStrandIsFree_RunsOnItsCallersThread(bool isBlocking)
    {
        (int Thread, bool IsCurrent, bool IsInHandler) seen = default;
        Strand? strand = null;
        using Pair pair = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (endpoint, transaction) =>
            {
                seen = (Environment.CurrentManagedThreadId, endpoint.Strand.IsCurrent, Delivery.Current is not null);
                strand = Strand.Current;
                transaction.Complete(transaction.Request);
            },
        });
        WaitForOnConnect(pair);
        for (byte i = 0; i < 100; i++)
        {
            byte[] reply = new byte[1];
            if (isBlocking)
            {
                Assert.Equal(new CallResult(Status.Ok, 1), pair.Client.Call(1, [i], reply));
            }
            else
            {
                ValueTask<CallResult> call = pair.Client.CallAsync(1, [i], reply);
                Assert.True(call.IsCompleted);
                Assert.Equal(new CallResult(Status.Ok, 1), Awaited.Get(call));
            }

            Assert.Equal(i, reply[0]);
            Assert.Equal((Environment.CurrentManagedThreadId, true, true), seen);
            Assert.Same(pair.Server.Strand, strand);
            Assert.Null(Strand.Current);
            Assert.Null(Delivery.Current);
        }
    }

    // The thirty seconds that a call inside a handler has are nobody's wish: it migrates on. A deadline of its own, or one that
    // the outer call had, is.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [Rule("CA-11")]
    public void Call_InsideAHandler_MigratesOnUnlessSomebodyGaveADeadline(bool isInnersOwn, bool isOuters)
    {
        int outerThread = 0, innerThread = 0;
        bool hadDeadline = false;
        using Pair inner = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                innerThread = Environment.CurrentManagedThreadId;
                hadDeadline = !transaction.Deadline.IsNever;
                transaction.Complete(transaction.Request);
            },
        });
        Deadline late = Deadline.After(TimeSpan.FromMinutes(10));
        using Pair outer = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                outerThread = Environment.CurrentManagedThreadId;
                CallResult result = inner.Client.Call(1, transaction.Request, [], isInnersOwn ? late : default);
                transaction.Complete(result.Status == Status.ReplyTooLarge ? Status.Ok : Status.HandlerFailed);
            },
        });
        WaitForOnConnect(inner);
        WaitForOnConnect(outer);
        Assert.True(Watchdog.Run(() => outer.Client.Call(1, [1], [], isOuters ? late : default)).IsOk);
        Assert.True(hadDeadline);
        Assert.Equal(!isInnersOwn && !isOuters, outerThread == innerThread);
    }

    // The same thirty seconds, but the handler that has them names them: now they are its wish.
    [Fact]
    [Rule("CA-11")]
    public void Deadline_ThatAHandlerPassesOn_IsAsGivenByItself()
    {
        var threads = new ConcurrentQueue<int>();
        using Pair last = Transport.InProcess.Pair(new ScriptedHandler { Transaction = (_, transaction) => Note(transaction, Status.Ok) });
        using Pair middle = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => Note(transaction, last.Client.Call(1, [], [], transaction.Deadline).Status),
        });
        using Pair first = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => Note(transaction, middle.Client.Call(1, [], []).Status),
        });
        WaitForOnConnect(last);
        WaitForOnConnect(middle);
        WaitForOnConnect(first);
        Assert.True(Watchdog.Run(() => first.Client.Call(1, [], [])).IsOk);
        int[] seen = [.. threads];
        Assert.Equal((3, true, false), (seen.Length, seen[1] == seen[2], seen[0] == seen[1]));

        void Note(Transaction transaction, Status status)
        {
            threads.Enqueue(Environment.CurrentManagedThreadId);
            transaction.Complete(status);
        }
    }

    // Whoever said when, or how, it wants to leave does leave, though the handler stays.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Rule("CA-11")]
    public void Call_WithADeadlineOrAToken_LeavesAHandlerThatStays(int how)
    {
        Gate inside = new(), mayGoOn = new();
        int thread = 0;
        using Pair pair = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                thread = Environment.CurrentManagedThreadId;
                inside.Open();
                mayGoOn.Pass();
                transaction.Complete(Status.Ok);
            },
        });
        WaitForOnConnect(pair);
        using var source = new CancellationTokenSource();
        Status status = Watchdog.Run(() =>
        {
            if (how == 0)
                return pair.Client.Call(1, [], [], Deadline.After(TimeSpan.FromMilliseconds(50))).Status;
            Task<CallResult> call = how == 1
                ? pair.Client.CallAsync(1, [], default, Deadline.After(TimeSpan.FromMilliseconds(50))).AsTask()
                : pair.Client.CallAsync(1, [], default, default, source.Token).AsTask();
            inside.Pass();
            source.Cancel();
            Status found = call.GetAwaiter().GetResult().Status;
            Assert.NotEqual(Environment.CurrentManagedThreadId, thread);
            return found;
        });
        Assert.Equal(how == 2 ? Status.Cancelled : Status.DeadlineExceeded, status);
        mayGoOn.Open();
    }

    [Fact]
    [Rule("CA-11")]
    public void Call_WhoseStrandIsBusy_QueuesBehindItAndGetsItsReply()
    {
        Gate inside = new(), mayGoOn = new();
        var ran = new ConcurrentQueue<uint>();
        using Pair pair = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                ran.Enqueue(transaction.Operation);
                if (transaction.Operation == 1)
                {
                    inside.Open();
                    mayGoOn.Pass();
                }

                transaction.Complete(transaction.Request);
            },
        });
        Task<CallResult> first = Task.Run(() => pair.Client.Call(1, [], []));
        inside.MustOpen("the first handler");
        Task<CallResult> second = Task.Run(() => pair.Client.Call(2, [], []));
        Watchdog.Until(() => pair.Client.Statistics.Parks > 0, "the second caller to sleep");
        Assert.Equal([1u], ran);
        mayGoOn.Open();
        Assert.True(Awaited.Get(first).IsOk);
        Assert.True(Awaited.Get(second).IsOk);
        Assert.Equal([1u, 2u], ran);
    }

    // The caller's own context, flow of execution and strand are as they were, whatever the handler did to them.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("CA-11")]
    public void Thread_ThatMigrated_IsWhatItWas(bool suspends)
    {
        var local = new AsyncLocal<string>();
        var context = new SynchronizationContext();
        SynchronizationContext? inside = null;
        using Pair pair = Transport.InProcess.Pair(new NoticingHandler
        {
            Transaction = transaction =>
            {
                inside = SynchronizationContext.Current;
                local.Value = "the handler's";
                if (suspends)
                    return Later(transaction);
                transaction.Complete(Status.Ok);
                return ValueTask.CompletedTask;
            },
        });
        WaitForOnConnect(pair);
        Watchdog.Run(() =>
        {
            local.Value = "the caller's";
            SynchronizationContext.SetSynchronizationContext(context);
            Assert.True(pair.Client.Call(1, [], []).IsOk);
            Assert.Same(context, SynchronizationContext.Current);
            Assert.Equal("the caller's", local.Value);
            SynchronizationContext.SetSynchronizationContext(null);
        });
        Assert.Same(pair.Server.Strand.Context, inside);

        static async ValueTask Later(Transaction transaction)
        {
            await Task.Yield();
            transaction.Complete(Status.Ok);
        }
    }

    [Theory]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    [Rule("CA-11")]
    public void Call_OfAnOperationThatWantsThePool_RunsThere(Dispatch dispatch)
    {
        bool isOnPool = false;
        using Pair pair = Transport.InProcess.Pair(new NoticingHandler
        {
            Dispatch = dispatch,
            Transaction = transaction =>
            {
                isOnPool = Thread.CurrentThread.IsThreadPoolThread;
                transaction.Complete(Status.Ok);
                return ValueTask.CompletedTask;
            },
        });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.True(isOnPool);
    }

    // What never started is told apart from what may have run: exactly, on both sides of the turn.
    [Fact]
    [Rule("LC-05")]
    public void End_WithOneInsideAndOthersQueued_SaysWhichNeverStarted()
    {
        Gate inside = new(), mayGoOn = new();
        int ran = 0;
        using Pair pair = Transport.InProcess.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                Interlocked.Increment(ref ran);
                inside.Open();
                mayGoOn.Pass();
                transaction.TryComplete(Status.Ok, []);
            },
        });
        Deadline late = Deadline.After(TimeSpan.FromMinutes(10));
        Task<CallResult> first = pair.Client.CallAsync(1, [], default, late).AsTask();
        inside.MustOpen("the first handler");
        Task<CallResult> second = pair.Client.CallAsync(1, [], default, late).AsTask();
        Task<CallResult> third = Task.Run(() => pair.Client.Call(1, [], [], late));
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 3 && pair.Client.Statistics.Parks > 0, "the queue");
        ValueTask ending = pair.Client.DisposeAsync();
        Assert.Equal(Status.OutcomeUnknown, Awaited.Get(first).Status);
        Assert.Equal(Status.NotSent, Awaited.Get(second).Status);
        Assert.Equal(Status.NotSent, Awaited.Get(third).Status);
        mayGoOn.Open();
        Watchdog.Run(() => ending.AsTask().Wait());
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Watchdog.Run(pair.Listener.Dispose);
        Assert.Equal(1, ran);
    }

    [Fact]
    public void Connect_ToNobody_AndListen_UnderATakenName_SayWhatToDo()
    {
        string address = Transport.InProcess.NextAddress();
        GangwayException error = Assert.Throws<GangwayException>(() => Domain.Connect(address));
        Assert.Equal((ConnectError.NotFound, address), (error.Error, error.Address));
        Assert.Contains("Start the listener first", error.Message, StringComparison.Ordinal);

        using (Domain.Listen(address, ScriptedHandler.Echo()))
        {
            error = Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo()));
            Assert.Equal(ConnectError.InUse, error.Error);
            Assert.Contains("Dispose it first", error.Message, StringComparison.Ordinal);
            using Endpoint client = Domain.Connect(address);
            Assert.True(client.Call(1, [], []).IsOk);
        }

        error = Assert.Throws<GangwayException>(() => Domain.Connect(address));
        Assert.Equal(ConnectError.NotFound, error.Error);
        using Listener again = Domain.Listen(address, ScriptedHandler.Echo());
        using Endpoint second = Domain.Connect(address);
        Assert.True(second.Call(1, [], []).IsOk);
    }

    [Fact]
    public void Limits_BelowAtAndAbove_RefuseOnlyTheNewcomer()
    {
        string address = Transport.InProcess.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { MaxConnections = 2, MaxLanes = 256 });
        using Endpoint first = Domain.Connect(address);
        Endpoint second = Domain.Connect(address, options: new EndpointOptions { LanesToSend = 256 });
        GangwayException error = Assert.Throws<GangwayException>(() => Domain.Connect(address));
        Assert.Equal(ConnectError.Overloaded, error.Error);
        Assert.Contains("ListenerOptions.MaxConnections", error.Message, StringComparison.Ordinal);
        Watchdog.Run(second.Dispose);
        Watchdog.Until(() => listener.Statistics.Connected == 1, "the second connection's end");
        error = Assert.Throws<GangwayException>(() => Domain.Connect(address, options: new EndpointOptions { LanesToSend = 257 }));
        Assert.Contains("ListenerOptions.MaxLanes", error.Message, StringComparison.Ordinal);
        Assert.Equal((2L, 2L), (listener.Statistics.Accepted, listener.Statistics.Refused));
        Assert.Equal(1, listener.Revoke(first.Peer!));
        Watchdog.Until(() => first.State == EndpointState.Destroyed, "the first connection's end");
        Assert.Equal(DisconnectReason.Revoked, first.DisconnectReason);
    }

    private static void WaitForOnConnect(Pair pair) => Watchdog.Run(() =>
    {
        // Behind OnConnect, which the strand's thread runs, and that thread must have gone.
        using var isThere = new ManualResetEventSlim();
        pair.Server.Strand.Post(_ => isThere.Set());
        isThere.Wait();
        while (!pair.Server.Strand.TryEnterInline())
            Thread.Yield();
        pair.Server.Strand.LeaveInline();
    });
}
