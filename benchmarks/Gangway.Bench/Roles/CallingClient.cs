// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Roles;

/// <summary>A client whose work is one blocking call after the other.</summary>
internal abstract class CallingClient : Client
{
    /// <summary>One request of 64 bytes there, one reply of 64 bytes back, compared.</summary>
    public abstract void Call();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Measurement Run(TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long last = start;
        do
        {
            // The reading that ends one call begins the next: one reading a call.
            Call();
            long now = Stopwatch.GetTimestamp();
            samples.Add(now - last);
            last = now;
        }
        while (last < end && !samples.IsFull);

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start, last));
    }

    /// <inheritdoc/>
    public override Measurement RunPaced(int calls, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            Thread.Sleep(1);
            long before = Stopwatch.GetTimestamp();
            Call();
            samples.Add(Stopwatch.GetTimestamp() - before);
        }

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Measurement RunCalls(int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            Call();
        }

        return Measurement.OfThroughput(calls, Stopwatch.GetElapsedTime(start));
    }
}
