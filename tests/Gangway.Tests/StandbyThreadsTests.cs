// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A system that gives no more threads: what needs one says so, or goes on when there is one again.</summary>
public sealed class StandbyThreadsTests
{
    [Fact]
    public void Listen_WithoutAThread_SaysSoAndLeavesNothing()
    {
        using var reserved = new ReservedThreads();
        int before = StandbyThreads.Count;
        string address = TestDirectory.NextAddress();
        for (int i = 0; i < 5; i++)
        {
            GangwayException failure = Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo()));
            Assert.Contains("thread", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, StandbyThreads.Count);
        reserved.AllowNew();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using Endpoint client = Domain.Connect(address);
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
    }

    // Nobody waits on the port, so who needs its loop has a thread run it; and there is none at first.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("DI-04")]
    public void Loop_WithoutAThread_GoesOnWithTheNextThatThereIs(bool oneComesBack)
    {
        using EventPort port = new();
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), new NoticingHandler { Dispatch = Dispatch.Strand });
        using Endpoint client = Domain.Connect(
            listener.Address.Text, null, new EndpointOptions { Port = port });
        using var reserved = new ReservedThreads();
        int before = StandbyThreads.Count;
        Task end = Task.Factory.StartNew(client.Dispose, TaskCreationOptions.LongRunning);
        Watchdog.Until(() => StandbyThreads.MustWatch, "a loop that waits for a thread");
        Watchdog.Until(() => reserved.Refused > 2, "more tries");
        Assert.False(end.IsCompleted);
        if (oneComesBack)
            reserved.PutOneBack();
        else
            reserved.AllowNew();
        Watchdog.Run(end.Wait, "the dispose");
        Assert.False(StandbyThreads.MustWatch);
        Assert.InRange(StandbyThreads.Count, 0, before + (oneComesBack ? 0 : 1));
    }

    /// <summary>All idle threads, taken away; and the system gives no more.</summary>
    private sealed class ReservedThreads : IDisposable
    {
        private readonly Stack<LoopThread> _threads = new();
        private readonly RefusedThreads _refusal;
        private int _refused;

        internal ReservedThreads()
        {
            _refusal = new RefusedThreads("gangway-standby", () => Interlocked.Increment(ref _refused));
            while (StandbyThreads.TryReserve() is { } thread)
                _threads.Push(thread);
            Interlocked.Exchange(ref _refused, 0);
        }

        internal int Refused => Volatile.Read(ref _refused);

        internal void AllowNew() => _refusal.Dispose();

        internal void PutOneBack() => StandbyThreads.PutBack(_threads.Pop());

        public void Dispose()
        {
            _refusal.Dispose();
            while (_threads.TryPop(out LoopThread? thread))
                StandbyThreads.PutBack(thread);
        }
    }
}
