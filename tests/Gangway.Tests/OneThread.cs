// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>A thread that does one thing after the other, for tests in which it matters that it is the same.</summary>
internal sealed class OneThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    internal OneThread() => new Thread(() =>
    {
        foreach (Action work in _work.GetConsumingEnumerable())
            work();
    })
    { IsBackground = true, Name = "one thread" }.Start();

    /// <summary>Does something there, and waits for it.</summary>
    internal void Run(Action work)
    {
        Exception? failure = null;
        var done = new Gate();
        _work.Add(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                failure = e;
            }

            done.Open();
        });
        done.MustOpen("the work of one thread");
        if (failure is not null)
            throw failure;
    }

    public void Dispose() => _work.CompleteAdding();
}
