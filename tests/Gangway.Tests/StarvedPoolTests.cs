// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A program that blocks all threads of the .NET pool delays none of its handlers, wherever they run.</summary>
/// <remarks>What needed the pool would wait behind the sleepers for minutes, and the watchdog says so.</remarks>
[Rule("DI-04")]
public sealed class StarvedPoolTests
{
    private const uint Ask = 1;
    private const uint Slow = 2;

    [Fact]
    public void NewConnection_ItsCallbacksAndFirstRequest_GoOn()
    {
        Gate connected = new(), disconnected = new();
        using var pool = new StarvedPool();
        using (Pair pair = Pair.Make(new ScriptedHandler
        {
            Connect = _ => connected.Open(),
            Disconnect = (_, _) => disconnected.Open(),
            Transaction = ScriptedHandler.Echo,
        }))
        {
            Assert.True(Watchdog.Run(() => pair.Client.Call(Ask, [], [])).IsOk);
            connected.MustOpen("OnConnect");
        }

        disconnected.MustOpen("OnDisconnect");
        Assert.True(pool.IsStarved);
    }

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Handler_AndWhatItAwaits_GoOn(Dispatch where)
    {
        const int Times = 20;
        int onPool = 0, resumed = 0;
        TaskCompletionSource? awaited = null;
        using var pool = new StarvedPool();
        using Pair pair = Pair.Make(new AwaitingHandler
        {
            Where = _ => where,
            Transaction = async (_, transaction) =>
            {
                Note();
                var source = new TaskCompletionSource();
                Volatile.Write(ref awaited, source);
                await source.Task;
                Note();
                resumed++;
                transaction.Complete([]);
            },
        });
        for (int i = 1; i <= Times; i++)
        {
            Task<CallResult> call = pair.Client.CallAsync(Ask, [], default).AsTask();
            TaskCompletionSource? source = null;
            Watchdog.Until(() => (source = Interlocked.Exchange(ref awaited, null)) is not null, "the handler");
            source!.SetResult();
            Assert.True(Awaited.Get(call).IsOk);
        }

        Assert.Equal((0, Times), (onPool, resumed));
        Assert.True(pool.IsStarved);

        void Note() => onPool += Thread.CurrentThread.IsThreadPoolThread ? 1 : 0;
    }

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void NestedCall_AwaitedInAHandler_GoesOn(Dispatch where)
    {
        using var pool = new StarvedPool();
        using Pair inner = Pair.Make(new NoticingHandler { Dispatch = where });
        using Pair outer = Pair.Make(new NoticingHandler
        {
            Dispatch = where,
            Transaction = async transaction =>
            {
                CallResult result = await inner.Client.CallAsync(Ask, [], default);
                transaction.Complete(result.Status);
            },
        });
        for (int i = 0; i < 20; i++)
            Assert.True(Awaited.Get(outer.Client.CallAsync(Ask, [], default)).IsOk);
        Assert.True(pool.IsStarved);
    }

    [Fact]
    public void SlowOperation_GoesOn()
    {
        int offLoop = 0;
        using var pool = new StarvedPool();
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (Thread.CurrentThread.Name == "gangway-work")
                    Interlocked.Increment(ref offLoop);
                Thread.Sleep(3);
                transaction.Complete([]);
            },
        });
        for (int i = 0; i < 10; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(Slow, [], [])).IsOk);
        Assert.True(offLoop > 0);
        Assert.True(pool.IsStarved);
    }

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Cancel_ReachesAHandlerThatBlocks(Dispatch where)
    {
        var inside = new Gate();
        using var pool = new StarvedPool();
        using Pair pair = Pair.Make(new NoticingHandler
        {
            Dispatch = where,
            Transaction = transaction =>
            {
                CancellationToken token = transaction.CancellationToken;
                inside.Open();
                token.WaitHandle.WaitOne();
                transaction.Complete([]);
                return ValueTask.CompletedTask;
            },
        });
        using var source = new CancellationTokenSource();
        Task<CallResult> call = pair.Client.CallAsync(Ask, [], default, default, source.Token).AsTask();
        inside.MustOpen("the handler");
        source.Cancel();
        Assert.Equal(Status.Cancelled, Awaited.Get(call).Status);

        // Its end waits for the handler, which waits for its token.
        pair.Dispose();
        Assert.True(pool.IsStarved);
    }

    // Without a thread that stands by, what awaits a call goes on elsewhere than on the loop's thread.
    [Fact]
    public void Caller_WhoseLoopIsShortOfAThread_GoesOn()
    {
        int before = Domain.MaxStandbyThreads;
        using var pool = new StarvedPool();
        using Pair pair = Pair.Make(new NoticingHandler { Dispatch = Dispatch.Strand });
        try
        {
            Domain.MaxStandbyThreads = 0;
            for (int i = 0; i < 20; i++)
                Assert.True(Awaited.Get(CallTwiceAsync(pair.Client)));
        }
        finally
        {
            Domain.MaxStandbyThreads = before;
        }

        Assert.True(pool.IsStarved);

        static async Task<bool> CallTwiceAsync(Endpoint client)
        {
            bool first = (await client.CallAsync(Ask, [], default).ConfigureAwait(false)).IsOk;
            return first && (await client.CallAsync(Ask, [], default).ConfigureAwait(false)).IsOk;
        }
    }

    [Fact]
    public void Post_ToAStrandOfItsOwn_Runs()
    {
        var ran = new Gate();
        using var pool = new StarvedPool();
        using var strand = new Strand();
        strand.Post(_ => ran.Open());
        ran.MustOpen("what was posted");
        Assert.True(pool.IsStarved);
    }
}
