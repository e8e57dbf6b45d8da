// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>Keeps a number of requests outstanding on each of some endpoints, and counts the replies.</summary>
/// <remarks>
/// One awaited loop for each outstanding request, which is how a program would write it: whatever wakes it, and the
/// thread that it goes on on, is the library's choice.
/// </remarks>
internal sealed class WindowDriver
{
    private readonly CallLoop[] _loops;

    /// <summary>Makes the loops; none runs yet.</summary>
    /// <param name="endpoints">The active connections.</param>
    /// <param name="window">Requests outstanding on each.</param>
    /// <param name="operation">An operation that answers with its own bytes.</param>
    /// <param name="payloadBytes">Of each request and reply.</param>
    public WindowDriver(
        Endpoint[] endpoints, int window, uint operation, int payloadBytes = GangwayCallClient.PayloadBytes)
    {
        var loops = new List<CallLoop>();
        for (int i = 0; i < window; i++)
        {
            loops.AddRange(endpoints.Select(endpoint => new CallLoop(endpoint, operation, payloadBytes)));
        }

        _loops = [.. loops];
    }

    private long Completed
    {
        get
        {
            long completed = 0;
            foreach (CallLoop loop in _loops)
            {
                completed += loop.Completed;
            }

            return completed;
        }
    }

    /// <summary>Works for <paramref name="duration"/>, after a quarter of it that is not counted.</summary>
    public Measurement Run(TimeSpan duration)
    {
        Task[] running = [.. _loops.Select(loop => Task.Run(loop.RunAsync))];
        Thread.Sleep(duration / 4);
        long before = Completed;
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(duration);
        long completed = Completed - before;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        foreach (CallLoop loop in _loops)
        {
            loop.Stop();
        }

        Task.WaitAll(running);
        return Measurement.OfThroughput(completed, elapsed);
    }
}
