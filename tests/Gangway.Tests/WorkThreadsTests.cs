// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The threads for what does not run on a loop's thread: as many as are needed, no more than allowed.</summary>
[Rule("DI-04")]
public sealed class WorkThreadsTests(ITestOutputHelper output)
{
    private const uint Ask = 1;
    private const uint Block = 2;

    private static readonly AsyncLocal<object?> s_mark = new();

    // The .NET pool would have given them a thread every half second.
    [Theory]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Handlers_ThatBlock_DelayNobodyButTheirStrand(Dispatch where)
    {
        const int Blocking = 200, Each = 50;
        using var blocking = new BlockedHandlers(where, clients: where == Dispatch.Strand ? 60 : Blocking / Each);
        blocking.Start(where == Dispatch.Strand ? 1 : Each);
        blocking.MustBeInside(where == Dispatch.Strand ? 60 : Blocking);

        using Pair pair = Pair.Make(new NoticingHandler { Dispatch = where });
        for (int i = 0; i < 20; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(Ask, [], [])).IsOk);

        // Nor the program's own work.
        Watchdog.Run(() => Task.Run(static () => { }).Wait());
        Assert.Equal(0, blocking.OnPool);
        Assert.Equal(0, blocking.Answered);
        output.WriteLine($"{WorkThreads.Count} threads");
    }

    [Fact]
    public void Handlers_ThatBlock_KeepAsManyThreadsAsAllowed()
    {
        const int Allowed = 3, Blocking = 7;
        int before = Domain.MaxWorkThreads;
        using var blocking = new BlockedHandlers(Dispatch.Concurrent, clients: 1);
        try
        {
            Assert.True(Watchdog.Run(() => blocking.Client.Call(Ask, [], [])).IsOk);
            Domain.MaxWorkThreads = Allowed;
            blocking.Start(Blocking);
            blocking.MustBeInside(Allowed);

            // The monitor looks, and may start none. Nothing else is asked of the process: on a busy machine any operation may be slow.
            Thread.Sleep(20);
            Assert.Equal(Allowed, blocking.Inside);
            Domain.MaxWorkThreads = Blocking;
            blocking.MustBeInside(Blocking);
        }
        finally
        {
            Domain.MaxWorkThreads = before;
        }
    }

    [Fact]
    public void Threads_ThatNobodyNeeds_End()
    {
        long before = WorkThreads.IdleNsMax;
        WorkThreads.IdleNsMax = 1_000_000;
        try
        {
            // All that there are and some more, so that each goes to sleep anew.
            int count = Math.Max(WorkThreads.Count, Environment.ProcessorCount) + 8;
            using (var blocking = new BlockedHandlers(Dispatch.Concurrent, clients: (count / 50) + 1))
            {
                blocking.StartAll(count);
                blocking.MustBeInside(count);
                Assert.True(WorkThreads.Count >= count);
            }

            Watchdog.Until(() => WorkThreads.Count <= Environment.ProcessorCount, "the end of the threads");
            Watchdog.Until(() => CountThreads("gangway-work") <= Environment.ProcessorCount, "the end of the threads, by the kernel");
        }
        finally
        {
            WorkThreads.IdleNsMax = before;
        }
    }

    [Fact]
    public void Handlers_WhileTheSystemGivesNoThread_RunWhenItDoes()
    {
        int refused = 0;
        int count = WorkThreads.Count + 4;
        using var blocking = new BlockedHandlers(Dispatch.Concurrent, clients: (count / 50) + 1);
        using (new RefusedThreads("gangway-work", () => Interlocked.Increment(ref refused)))
        {
            blocking.StartAll(count);
            Watchdog.Until(() => Volatile.Read(ref refused) > 1, "two refusals");
        }

        blocking.MustBeInside(count);
    }

    // By its context: what a handler's own run leaves is taken away elsewhere, too.
    [Fact]
    public void Piece_ThatLeavesAmbientState_LeavesNothingToTheNext()
    {
        const int Pieces = 50;
        int found = 0, ran = 0;
        using Pair pair = Pair.Make(new NoticingHandler
        {
            Dispatch = Dispatch.Concurrent,
            Transaction = transaction =>
            {
                for (int i = 0; i < Pieces; i++)
                    SynchronizationContext.Current!.Post(_ => Leave(), null);
                transaction.Complete([]);
                return ValueTask.CompletedTask;
            },
        });
        Assert.True(Watchdog.Run(() => pair.Client.Call(Ask, [], [])).IsOk);
        Watchdog.Until(() => Volatile.Read(ref ran) == Pieces, "the pieces");
        Assert.Equal(0, found);

        void Leave()
        {
            if (s_mark.Value is not null)
                Interlocked.Increment(ref found);
            s_mark.Value = this;
            Interlocked.Increment(ref ran);
        }
    }

    private static int CountThreads(string name) => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText($"{task}/comm").StartsWith(name, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    });

    /// <summary>Requests whose handlers wait until the end.</summary>
    private sealed class BlockedHandlers : IDisposable
    {
        private readonly Gate _goOn = new();
        private readonly Listener _listener;
        private readonly Endpoint[] _clients;
        private readonly List<Task<CallResult>> _calls = [];
        private int _inside;
        private int _onPool;

        internal BlockedHandlers(Dispatch where, int clients)
        {
            _listener = Domain.Listen(TestDirectory.NextAddress(), new NoticingHandler
            {
                Dispatch = where,
                Transaction = transaction =>
                {
                    if (transaction.Operation == Block)
                    {
                        if (Thread.CurrentThread.IsThreadPoolThread)
                            Interlocked.Increment(ref _onPool);
                        Interlocked.Increment(ref _inside);
                        _goOn.Pass();
                    }

                    transaction.Complete([]);
                    return ValueTask.CompletedTask;
                },
            });
            _clients = [.. Enumerable.Range(0, clients).Select(_ => Domain.Connect(_listener.Address.Text))];
        }

        internal Endpoint Client => _clients[0];

        internal int Inside => Volatile.Read(ref _inside);

        internal int OnPool => Volatile.Read(ref _onPool);

        internal int Answered => _calls.Count(static call => call.IsCompleted);

        /// <summary>So many of each client.</summary>
        internal void Start(int each) => StartAll(each * _clients.Length);

        /// <summary>So many in all.</summary>
        internal void StartAll(int count)
        {
            for (int i = 0; i < count; i++)
                _calls.Add(_clients[i % _clients.Length].CallAsync(Block, [], default).AsTask());
        }

        internal void MustBeInside(int count) => Watchdog.Until(() => Inside == count, $"{count} handlers");

        public void Dispose()
        {
            _goOn.Open();
            foreach (Task<CallResult> call in _calls)
                Assert.True(Awaited.Get(call).IsOk);
            foreach (Endpoint client in _clients)
                Watchdog.Run(client.Dispose);
            Watchdog.Run(_listener.Dispose);
        }
    }
}
