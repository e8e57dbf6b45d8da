// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>One awaited call after the other: one request outstanding all the time.</summary>
/// <param name="endpoint">Over which.</param>
/// <param name="operation">An operation that answers with its own bytes.</param>
/// <param name="payloadBytes">Of each request and reply.</param>
internal sealed class CallLoop(Endpoint endpoint, uint operation, int payloadBytes = GangwayCallClient.PayloadBytes)
{
    /// <summary>A request of so many bytes is, with its header, one line of the ring; so 64 of them always have room.</summary>
    public const int LineBytes = 32;

    private readonly byte[] _request = new byte[payloadBytes];
    private readonly byte[] _reply = new byte[payloadBytes];
    private long _completed;
    private bool _isStopping;

    /// <summary>Replies so far.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>The call that is outstanding is the last.</summary>
    public void Stop() => Volatile.Write(ref _isStopping, true);

    /// <summary>Works until <see cref="Stop"/>, on the library's own loop as far as that decides.</summary>
    /// <remarks>
    /// A call that a thread makes alone polls for its reply, so a loop of quick ones never suspends and keeps its thread from
    /// starting the next loop. The first call here is a slow one: what follows it runs where replies are completed, and
    /// there nobody polls for one.
    /// </remarks>
    public async Task RunAsync()
    {
        Volatile.Write(ref _isStopping, false);
        await endpoint.CallAsync(FleetHandler.Pause, default, Memory<byte>.Empty).ConfigureAwait(false);
        while (!Volatile.Read(ref _isStopping))
        {
            CallResult result = await endpoint.CallAsync(operation, NextRequest(), _reply).ConfigureAwait(false);
            if (result.Status == Status.Overloaded)
            {
                // Sixty-four records of two lines are as large as the ring, so the last may have to wait a moment.
                await Task.Yield();
                continue;
            }

            Take(result);
        }
    }

    /// <summary>Makes so many calls, from the thread that it is called on.</summary>
    public async Task<Measurement> RunCallsAsync(int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            Take(await endpoint.CallAsync(operation, NextRequest(), _reply).ConfigureAwait(false));
        }

        return Measurement.OfThroughput(calls, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Makes calls for <paramref name="duration"/>, and times each.</summary>
    public async Task<Measurement> RunTimedAsync(TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long last = start;
        do
        {
            Take(await endpoint.CallAsync(operation, NextRequest(), _reply).ConfigureAwait(false));
            long now = Stopwatch.GetTimestamp();
            samples.Add(now - last);
            last = now;
        }
        while (last < end && !samples.IsFull);

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start, last));
    }

    private ReadOnlySpan<byte> NextRequest()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, _completed + 1);
        return _request;
    }

    private void Take(CallResult result)
    {
        if (!result.IsOk || result.Length != _reply.Length || !_request.AsSpan().SequenceEqual(_reply))
        {
            throw new BenchmarkException($"A reply did not match its request: {result.Status}, {result.Length} bytes.");
        }

        Volatile.Write(ref _completed, _completed + 1);
    }
}
