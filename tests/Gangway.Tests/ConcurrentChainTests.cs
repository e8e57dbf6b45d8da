// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Handlers without a strand: what follows an await is still a part of their call, and of no other.</summary>
public abstract class ConcurrentChainTests(Transport transport)
{
    private const uint Root = 1;
    private const uint Concurrent = 2;
    private const uint Leaf = 3;

    /// <summary>What a handler waits for, before it calls.</summary>
    public enum Await
    {
        Nothing,
        Pool,
        Call,
        Branches,
        Source,
    }

    public static TheoryData<Await, bool> Awaits
    {
        get
        {
            var all = new TheoryData<Await, bool>();
            foreach (Await what in Enum.GetValues<Await>())
            {
                all.Add(what, false);
                all.Add(what, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Awaits))]
    [Rule("CA-09")]
    [Rule("DI-02")]
    public void Cycle_ThroughAConcurrentHandler_IsDeadlockAtOnce(Await what, bool mayBlock)
    {
        // Service 0 holds its strand while it calls service 1, which calls back into it, with no deadline but the 30 seconds.
        using var mesh = new Mesh(
            transport, 3,
            async (mesh, service, transaction) =>
            {
                byte[] reply = new byte[8];
                switch (transaction.Operation)
                {
                    case Root:
                        CallResult nested = await mesh.CallAsync(1, Concurrent, [], reply, mayBlock);
                        transaction.Complete(reply.AsSpan(0, nested.Length));
                        break;
                    case Concurrent:
                        Status[] statuses = await AfterAsync(mesh, what, () => mesh.CallAsync(0, Leaf, [], [], mayBlock));
                        transaction.Complete([.. statuses.Select(static status => (byte)status)]);
                        break;
                    default:
                        transaction.Complete([]);
                        break;
                }
            },
            where: Where);
        byte[] expected = what == Await.Branches ? [(byte)Status.Deadlock, (byte)Status.Deadlock] : [(byte)Status.Deadlock];
        for (int round = 0; round < 10; round++)
            Assert.Equal(expected, mesh.Ask(0, Root, []).Reply);
    }

    [Theory]
    [MemberData(nameof(Awaits))]
    [Rule("CA-05")]
    public void Deadline_OfAConcurrentHandler_IsThatOfItsCalls(Await what, bool mayBlock)
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<Deadline>();
        using var mesh = new Mesh(
            transport, 3,
            async (mesh, service, transaction) =>
            {
                if (transaction.Operation == Concurrent)
                    await AfterAsync(mesh, what, () => mesh.CallAsync(1, Leaf, [1], [], mayBlock));
                else if (transaction.Request.Length == 1)
                    seen.Add(transaction.Deadline);
                transaction.Complete([]);
            },
            where: Where);
        Deadline far = Deadline.After(TimeSpan.FromHours(1));
        for (int round = 0; round < 10; round++)
        {
            seen.Clear();
            Assert.Equal(Status.Ok, mesh.Ask(0, Concurrent, [], far).Status);
            Assert.Equal(what == Await.Branches ? 2 : 1, seen.Count);
            Assert.All(seen, deadline => Assert.Equal(far, deadline));
        }

        seen.Clear();
        Assert.Equal(Status.Ok, mesh.Ask(0, Concurrent, []).Status);
        Assert.All(seen, static deadline => Assert.False(deadline.IsNever)); // So that every cycle ends.
    }

    // The branch that is left behind goes on when its request is over and its record is another's.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("CA-05")]
    public void Branch_OfAHandlerThatHasEnded_IsNobodysCall(bool othersAreInside)
    {
        var left = new System.Collections.Concurrent.ConcurrentQueue<TaskCompletionSource>();
        var branches = new System.Collections.Concurrent.ConcurrentQueue<Task>();
        Deadline seen = default;
        Gate? hold = null;
        int inside = 0;
        using var mesh = new Mesh(
            transport, 2,
            async (mesh, service, transaction) =>
            {
                if (transaction.Operation == Leaf)
                {
                    seen = transaction.Deadline;
                }
                else if (transaction.Request.Length != 0)
                {
                    var later = new TaskCompletionSource();
                    left.Enqueue(later);
                    branches.Enqueue(BranchAsync(mesh, later.Task));
                    await Task.Yield();
                }
                else if (hold is { } gate)
                {
                    Interlocked.Increment(ref inside);
                    gate.Pass();
                }

                transaction.Complete([]);
            },
            where: Where);
        Deadline far = Deadline.After(TimeSpan.FromHours(1));
        for (int round = 0; round < 10; round++)
        {
            Assert.Equal(Status.Ok, mesh.Ask(0, Concurrent, [1], far).Status);
            Task<CallResult>[] others = [];
            if (othersAreInside)
            {
                // As many as take the pooled records again.
                inside = 0;
                hold = new Gate();
                others = [.. Enumerable.Range(0, 8).Select(_ => mesh[0].CallAsync(Concurrent, [], default, far).AsTask())];
                Watchdog.Until(() => Volatile.Read(ref inside) == others.Length, "the others");
            }

            Assert.True(left.TryDequeue(out TaskCompletionSource? later));
            later.SetResult();
            Assert.True(branches.TryDequeue(out Task? branch));
            Watchdog.Run(branch.Wait);
            hold?.Open();
            foreach (Task<CallResult> other in others)
                Assert.True(Awaited.Get(other).IsOk);
        }

        async Task BranchAsync(Mesh mesh, Task later)
        {
            await later;
            do
            {
                // The reply may be there a moment before the handler's record is over. A call of nobody's has no deadline.
                await Task.Yield();
                Assert.True((await mesh[1].CallAsync(Leaf, [], default)).IsOk);
            }
            while (!seen.IsNever);
        }
    }

    [Fact]
    [Rule("DI-05")]
    public void Exception_ThatNobodyAwaits_IsReportedAndStopsNothing()
    {
        using var events = new EventLog();
        using Pair pair = transport.Pair(new AwaitingHandler
        {
            Where = static _ => Dispatch.Concurrent,
            Transaction = static (_, transaction) =>
            {
                Throw();
                transaction.Complete([]);
                return ValueTask.CompletedTask;
            },
        });
        for (int i = 0; i < 5; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        events.MustContain("HandlerFailed", "concurrent-fails");

        static async void Throw()
        {
            await Task.Yield();
            throw new InvalidDataException("concurrent-fails");
        }
    }

    // It would wait for itself.
    [Fact]
    public void Dispose_InAConcurrentHandlerAfterAnAwait_ReturnsAtOnce()
    {
        var done = new Gate();
        Pair? pair = null;
        using (pair = transport.Pair(new AwaitingHandler
        {
            Where = static _ => Dispatch.Concurrent,
            Message = async (endpoint, _) =>
            {
                await Task.Yield();
                pair!.Listener.Dispose();
                done.Open();
            },
        }))
        {
            Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
            done.MustOpen("the handler");
        }
    }

    private static Dispatch Where(uint operation) => operation == Concurrent ? Dispatch.Concurrent : Dispatch.Inline;

    /// <summary>Calls after whatever a handler may await first, and says how it went.</summary>
    private static async Task<Status[]> AfterAsync(Mesh mesh, Await what, Func<ValueTask<CallResult>> call)
    {
        switch (what)
        {
            case Await.Pool:
                await Task.Run(static () => { });
                await Task.Yield();
                break;
            case Await.Call:
                // Polled twice at most: then the wait is a real one.
                for (int i = 0; i < 2; i++)
                    Assert.True((await mesh[2].CallAsync(Leaf, [], default)).IsOk);
                break;
            case Await.Branches:
                return await Task.WhenAll(BranchAsync(), BranchAsync());
            case Await.Source:
                var source = new TaskCompletionSource();
                ThreadPool.QueueUserWorkItem(static source => source.SetResult(), source, preferLocal: false);
                await source.Task;
                break;
        }

        return [(await call()).Status];

        async Task<Status> BranchAsync()
        {
            await Task.Yield();
            return (await call()).Status;
        }
    }

    public sealed class OverSharedMemory() : ConcurrentChainTests(Transport.SharedMemory);

    public sealed class InsideAProcess() : ConcurrentChainTests(Transport.InProcess);
}
