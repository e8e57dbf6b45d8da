// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Globalization;

namespace Gangway.Bench.Harness;

/// <summary>Tells whoever watches what is going on; on standard error, never among the figures.</summary>
internal static class Progress
{
    private static readonly long s_start = Stopwatch.GetTimestamp();

    /// <summary>Prints one line with the time since the start.</summary>
    public static void Say(string what) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(s_start).TotalSeconds,6:F1} s] {what}"));
}
