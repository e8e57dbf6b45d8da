// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The .NET thread pool, all threads of which sleep in work of the program's own, with more of that queued.</summary>
/// <remarks>The pool adds about two threads a second: what is queued lasts for minutes, and what comes behind it waits so long.</remarks>
internal sealed class StarvedPool : IDisposable
{
    private const int Sleepers = 1000;

    private readonly ManualResetEventSlim _wake = new();
    private int _begun;
    private int _ended;

    internal StarvedPool()
    {
        for (int i = 0; i < Sleepers; i++)
            ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.Sleep(), this, preferLocal: false);
        ThreadPool.GetMinThreads(out int least, out _);
        Watchdog.Until(() => Volatile.Read(ref _begun) >= least, "the sleepers");
    }

    /// <summary>Whether it was starved all the time: nothing that was queued behind the sleepers has begun.</summary>
    internal bool IsStarved => Volatile.Read(ref _begun) < Sleepers;

    public void Dispose()
    {
        _wake.Set();
        Watchdog.Until(() => Volatile.Read(ref _ended) == Sleepers, "the sleepers' end");
        _wake.Dispose();
    }

    private void Sleep()
    {
        Interlocked.Increment(ref _begun);
        _wake.Wait();
        Interlocked.Increment(ref _ended);
    }
}
