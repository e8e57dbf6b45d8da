// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>Awaited calls that end without a reply; the handler holds them for a while, so each is truly outstanding.</summary>
internal static class Unanswered
{
    /// <summary>How many are outstanding at a time; the handler holds as many, so half of a connection's slots are in use.</summary>
    public const int Batch = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(2);
    private static readonly byte[] s_request = new byte[GangwayCallClient.PayloadBytes];
    private static readonly byte[] s_reply = new byte[GangwayCallClient.PayloadBytes];
    private static readonly ValueTask<CallResult>[] s_outstanding = new ValueTask<CallResult>[Batch];

    /// <summary>Calls that are cancelled while they are outstanding, one after the other.</summary>
    public static async Task<Measurement> CancelAsync(Endpoint endpoint, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            using var source = new CancellationTokenSource();
            ValueTask<CallResult> call = Begin(endpoint, Deadline.Never, source.Token);
            source.Cancel();
            Check((await call.ConfigureAwait(false)).Status, Status.Cancelled);
        }

        return Measurement.OfThroughput(calls, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>What the run-time itself allocates for a source with one registration that is cancelled.</summary>
    public static Measurement CancelAlone(int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            using var source = new CancellationTokenSource();
            CancellationTokenRegistration registration =
                source.Token.UnsafeRegister(static _ => { }, s_request);
            source.Cancel();
            registration.Dispose();
        }

        return Measurement.OfThroughput(times, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Calls whose deadline passes, a batch at a time.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Each is put in a place of its own, and awaited there once.")]
    public static async Task<Measurement> TimeOutAsync(Endpoint endpoint, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < calls; done += Batch)
        {
            Deadline deadline = Deadline.After(s_patience);
            for (int i = 0; i < Batch; i++)
            {
                s_outstanding[i] = Begin(endpoint, deadline, CancellationToken.None);
            }

            for (int i = 0; i < Batch; i++)
            {
                Check((await s_outstanding[i].ConfigureAwait(false)).Status, Status.DeadlineExceeded);
            }
        }

        return Measurement.OfThroughput(calls, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>A call that is outstanding when this returns; a slot whose late reply has not come yet is waited for.</summary>
    private static ValueTask<CallResult> Begin(Endpoint endpoint, Deadline deadline, CancellationToken token)
    {
        while (true)
        {
            ValueTask<CallResult> call = endpoint.CallAsync(EchoHandler.Hold, s_request, s_reply, deadline, token);
            if (!call.IsCompleted)
            {
                return call;
            }

            CallResult result = call.GetAwaiter().GetResult();
            if (result.Status != Status.Overloaded)
            {
                return new ValueTask<CallResult>(result);
            }

            Thread.Yield();
        }
    }

    private static void Check(Status status, Status expected)
    {
        if (status != expected)
        {
            throw new BenchmarkException($"A call that nobody answers ended with {status} instead of {expected}.");
        }
    }
}
