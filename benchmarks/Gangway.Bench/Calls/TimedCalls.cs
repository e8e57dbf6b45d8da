// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>
/// Calls that are too short to time one by one: a sample is <see cref="Batch"/> of them, divided by their number, and what is
/// printed are percentiles of such samples.
/// </summary>
internal abstract class TimedCalls : Work
{
    /// <summary>Calls in a sample.</summary>
    public const int Batch = 16;

    private const int SamplesMax = 1 << 20;

    private readonly Samples _samples = new(SamplesMax);

    /// <inheritdoc/>
    protected override int EventsPerCycle => Batch;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 16;

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration)
    {
        _samples.Clear();
        Measurement all = base.Run(duration);
        Measurement each = Measurement.OfCalls(_samples, all.Elapsed);
        return all with { P50Ns = each.P50Ns / Batch, P99Ns = each.P99Ns / Batch };
    }

    /// <summary>Makes so many calls.</summary>
    public abstract void RunCalls(int calls);

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            long start = Stopwatch.GetTimestamp();
            RunCalls(Batch);
            long end = Stopwatch.GetTimestamp();
            if (!_samples.IsFull)
            {
                _samples.Add(end - start);
            }
        }
    }
}
