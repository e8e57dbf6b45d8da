// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Tests;

/// <summary>What the test host's own threads allocate, which a figure of the whole process holds as well.</summary>
internal static class HostNoise
{
    /// <summary>Far less than the smallest object for each, so that no object of each hides here.</summary>
    private const int BytesEachMost = 4;

    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(200);

    /// <summary>What the process allocated for each of something, without what it allocates while nothing is done.</summary>
    /// <param name="bytes">What the process allocated meanwhile.</param>
    /// <param name="count">How many were done.</param>
    /// <param name="started">When, as a time stamp of <see cref="Stopwatch"/>.</param>
    internal static double Without(long bytes, int count, long started)
    {
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Thread.Sleep(s_wait);
        double noise = (GC.GetTotalAllocatedBytes(precise: true) - before) * (took / s_wait);
        return (bytes - Math.Min(noise, (double)BytesEachMost * count)) / count;
    }
}
