// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Globalization;

namespace Gangway.Samples.Exchange;

/// <summary>A histogram of times: eight buckets for each doubling, so a percentile is right to 9 %.</summary>
internal sealed class Latencies
{
    private const int BucketsPerDoubling = 8;
    private readonly long[] _counts = new long[64 * BucketsPerDoubling];

    /// <summary>Counts what passed since a timestamp of <see cref="Stopwatch"/>. Any thread.</summary>
    internal void AddSince(long start)
    {
        double nanoseconds = Math.Max(1, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        Interlocked.Increment(ref _counts[(int)(Math.Log2(nanoseconds) * BucketsPerDoubling)]);
    }

    /// <summary>In microseconds; 0 when nothing was counted.</summary>
    internal double Percentile(double part)
    {
        long wanted = (long)(_counts.Sum() * part), seen = 0;
        int bucket = Array.FindIndex(_counts, count => (seen += count) > wanted);
        return bucket < 0 ? 0 : Math.Pow(2, (bucket + 0.5) / BucketsPerDoubling) / 1000;
    }

    /// <summary>Adds what another process wrote by <see cref="ToString"/>.</summary>
    internal void Add(string text)
    {
        foreach (string pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split(':');
            _counts[int.Parse(parts[0], CultureInfo.InvariantCulture)] += long.Parse(parts[1], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Bucket and count of each bucket that is not empty.</summary>
    public override string ToString() =>
        string.Join(' ', _counts.Index().Where(static bucket => bucket.Item != 0).Select(static bucket => $"{bucket.Index}:{bucket.Item}"));
}
