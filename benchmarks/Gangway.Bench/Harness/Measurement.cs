// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Bench.Harness;

/// <summary>What one client measured in one round.</summary>
/// <param name="Count">Calls or messages that were completed.</param>
/// <param name="Elapsed">Wall time of the round.</param>
/// <param name="P50Ns">Median of the calls, nanoseconds.</param>
/// <param name="P99Ns">99th percentile of the calls, nanoseconds.</param>
internal readonly record struct Measurement(long Count, TimeSpan Elapsed, double P50Ns, double P99Ns)
{
    /// <summary>Calls or messages in a second.</summary>
    public double PerSecond => Count / Elapsed.TotalSeconds;

    /// <summary>A round of which only the number and the time are known.</summary>
    public static Measurement OfThroughput(long count, TimeSpan elapsed) => new(count, elapsed, double.NaN, double.NaN);

    /// <summary>A round of calls; sorts <paramref name="samples"/>.</summary>
    public static Measurement OfCalls(Samples samples, TimeSpan elapsed)
    {
        samples.Sort();
        return new(samples.Count, elapsed, samples.PercentileNs(50), samples.PercentileNs(99));
    }

    /// <summary>Reads what <see cref="ToLine"/> wrote.</summary>
    public static Measurement Parse(string line)
    {
        string[] part = line.Split(' ');
        return new(
            long.Parse(part[0], CultureInfo.InvariantCulture),
            TimeSpan.FromTicks(long.Parse(part[1], CultureInfo.InvariantCulture)),
            double.Parse(part[2], CultureInfo.InvariantCulture),
            double.Parse(part[3], CultureInfo.InvariantCulture));
    }

    /// <summary>One line for the harness.</summary>
    public string ToLine() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} {Elapsed.Ticks} {P50Ns:R} {P99Ns:R}");
}
