// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gangway.Process.Tests.Kills;

/// <summary>From the kernel's hang-up to the completion of what waited. Printed, never bounded: SH-08.</summary>
internal sealed class Delays
{
    private readonly ConcurrentBag<double> _microseconds = [];

    /// <summary>Notes one, of two times by <see cref="Stopwatch"/>.</summary>
    public void Add(long hangUp, long completed) =>
        _microseconds.Add((completed - hangUp) * 1e6 / Stopwatch.Frequency);

    /// <inheritdoc/>
    public override string ToString()
    {
        double[] sorted = [.. _microseconds.Order()];
        return sorted.Length == 0
            ? "no delays"
            : string.Create(CultureInfo.InvariantCulture, $"hang-up to completion, {sorted.Length} times: p50 {sorted[sorted.Length / 2]:0} us, max {sorted[^1]:0} us");
    }
}
