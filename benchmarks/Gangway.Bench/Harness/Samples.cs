// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Bench.Harness;

/// <summary>Exact percentiles: every sample is kept, and they are sorted at the end.</summary>
/// <remarks>
/// A sample is the time between two readings of the clock, so it holds the cost of one reading; that cost
/// is measured here and taken off, else a slow clock would flatter every ratio to a fast floor.
/// </remarks>
internal sealed class Samples
{
    private readonly long[] _ticks;
    private readonly long _clockTicks;
    private int _count;

    public Samples(int capacity)
    {
        _ticks = new long[capacity];
        Array.Fill(_ticks, 1);
        _clockTicks = ClockCost();
    }

    /// <summary>Whether no further sample fits.</summary>
    public bool IsFull => _count == _ticks.Length;

    /// <summary>How many samples were taken since <see cref="Clear"/>.</summary>
    public int Count => _count;

    /// <summary>What one reading of the clock costs, in nanoseconds.</summary>
    public double ClockNs => ToNs(_clockTicks);

    /// <summary>Adds one sample, in ticks of <see cref="Stopwatch"/>.</summary>
    public void Add(long ticks) => _ticks[_count++] = ticks;

    /// <summary>Forgets all samples.</summary>
    public void Clear() => _count = 0;

    /// <summary>Puts the samples in order; call it before <see cref="PercentileNs"/>.</summary>
    public void Sort() => Array.Sort(_ticks, 0, _count);

    /// <summary>The sample that <paramref name="percent"/> of all do not exceed, in nanoseconds.</summary>
    public double PercentileNs(double percent)
    {
        if (_count == 0)
        {
            return double.NaN;
        }

        int index = Math.Clamp((int)Math.Ceiling(percent / 100 * _count) - 1, 0, _count - 1);
        return ToNs(Math.Max(0, _ticks[index] - _clockTicks));
    }

    private static double ToNs(long ticks) => ticks * 1e9 / Stopwatch.Frequency;

    private static long ClockCost()
    {
        long[] costs = new long[20_001];
        for (int pass = 0; pass < 2; pass++)
        {
            long last = Stopwatch.GetTimestamp();
            for (int i = 0; i < costs.Length; i++)
            {
                long now = Stopwatch.GetTimestamp();
                costs[i] = now - last;
                last = now;
            }
        }

        Array.Sort(costs);
        return costs[costs.Length / 2];
    }
}
