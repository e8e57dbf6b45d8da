// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Samples.WordCount;

/// <summary>The times of many round trips.</summary>
internal readonly record struct RoundTrips(double MicrosecondsP50, double MicrosecondsP99)
{
    /// <summary>Times something, after a warm-up.</summary>
    internal static RoundTrips Measure(int count, Action roundTrip)
    {
        for (int i = 0; i < count / 2; i++)
            roundTrip();

        long[] ticks = new long[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            roundTrip();
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        Array.Sort(ticks);
        double tick = 1e6 / Stopwatch.Frequency;
        return new RoundTrips(ticks[count / 2] * tick, ticks[count / 100 * 99] * tick);
    }

    public override string ToString() => $"p50 {MicrosecondsP50,8:F2} us   p99 {MicrosecondsP99,8:F2} us";
}
