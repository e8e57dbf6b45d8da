// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Testing;

/// <summary>How long a wait may take: one bound, and a few more while the machine is busy.</summary>
/// <remarks>
/// What hangs uses no processor, and leaves the machine idle. What is only slow, because others want the processors too,
/// is not a failure: so a bound that passes while they are busy is followed by another one.
/// </remarks>
internal sealed class Patience
{
    /// <summary>How many bounds at most, so that what spins for ever ends as well.</summary>
    internal const int BoundsMost = 8;

    private const double BusyShare = 0.25;

    private readonly TimeSpan _bound;
    private readonly Func<(long Busy, long All)> _readTicks;
    private (long Busy, long All) _ticks;
    private TimeSpan _used;
    private int _bounds = 1;

    internal Patience(TimeSpan bound, Func<(long Busy, long All)>? readTicks = null)
    {
        _bound = bound;
        _readTicks = readTicks ?? ReadTicks;
        _ticks = _readTicks();
        _used = Environment.CpuUsage.TotalTime;
    }

    /// <summary>A bound has passed.</summary>
    /// <returns>Whether to wait for another one.</returns>
    internal bool MayGoOn()
    {
        (long Busy, long All) ticks = _readTicks();
        TimeSpan used = Environment.CpuUsage.TotalTime;

        // The machine's processors, or those that this container may use, which the machine's numbers do not show.
        bool isBusy = ticks.Busy - _ticks.Busy > BusyShare * (ticks.All - _ticks.All) || used - _used > BusyShare * _bound;
        (_ticks, _used) = (ticks, used);
        return isBusy && _bounds++ < BoundsMost;
    }

    /// <summary>The first line of <c>/proc/stat</c>: user, nice, system, idle, iowait, irq, softirq, steal.</summary>
    private static (long Busy, long All) ReadTicks()
    {
        using var stat = new StreamReader("/proc/stat");
        string[] words = stat.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] ticks = [.. words.Skip(1).Take(8).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        long all = ticks.Sum();
        return (all - ticks[3] - ticks[4], all);
    }
}
