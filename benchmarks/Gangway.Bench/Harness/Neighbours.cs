// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Bench.Harness;

/// <summary>How busy the machine is with other people's work while ours is asleep.</summary>
/// <remarks>
/// Two processes that spin need two cores. With a neighbour on one of them the scheduler may put both on
/// the other, and then a figure says nothing about either mechanism; so the run says so itself.
/// </remarks>
internal static class Neighbours
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <summary>Percent of one processor that others use now; a warning on standard error from 20 on.</summary>
    public static double Look()
    {
        (long busyBefore, long allBefore) = Read();
        Thread.Sleep(s_look);
        (long busy, long all) = Read();
        double percent = 100.0 * Environment.ProcessorCount * (busy - busyBefore) / Math.Max(1, all - allBefore);
        if (percent >= 20)
        {
            Progress.Say($"WARNING: others use {percent:F0} % of a core; figures of this run are noise");
        }

        return percent;
    }

    private static (long Busy, long All) Read()
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice, in ticks of 10 ms.
        long[] ticks = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        long all = ticks.Sum();
        return (all - ticks[3] - ticks[4], all);
    }
}
