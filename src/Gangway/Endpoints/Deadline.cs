// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway;

/// <summary>An absolute point of monotonic time after which nobody waits any more.</summary>
/// <remarks>
/// On one machine a deadline travels as it is: <c>CLOCK_MONOTONIC</c>, in nanoseconds. Changing the wall clock changes
/// nothing. <b>Threads:</b> immutable.
/// </remarks>
public readonly record struct Deadline
{
    private const long NanosecondsPerTick = 100;

    /// <summary>The lowest bit says that nobody asked for the deadline: it is there so that every cycle of calls ends.</summary>
    private const long ImpliedBit = 1;

    private const long Past = 2;

    // Zero means never, so that `default` is the deadline of somebody who set none.
    private readonly long _nanoseconds;

    private Deadline(long nanoseconds) => _nanoseconds = nanoseconds;

    /// <summary>Wait without limit.</summary>
    public static Deadline Never => default;

    /// <summary>Whether this is <see cref="Never"/>.</summary>
    public bool IsNever => _nanoseconds == 0;

    /// <summary>Whether the time has come.</summary>
    public bool HasPassed => _nanoseconds != 0 && Now >= _nanoseconds;

    /// <summary>What the clock says now. <see cref="Stopwatch"/> is <c>CLOCK_MONOTONIC</c> on Linux.</summary>
    internal static long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>For system calls: nanoseconds, <see cref="long.MaxValue"/> for never.</summary>
    internal long Nanoseconds => _nanoseconds == 0 ? long.MaxValue : _nanoseconds;

    /// <summary>A time from now on.</summary>
    /// <param name="time">Zero or less has passed already. More than a hundred years is <see cref="Never"/>.</param>
    public static Deadline After(TimeSpan time)
    {
        if (time.TotalDays > 36_500)
            return Never;
        return new Deadline(time <= TimeSpan.Zero ? Past : (Now + time.Ticks * NanosecondsPerTick + ImpliedBit) & ~ImpliedBit);
    }

    /// <summary>A time from now on that nobody asked for.</summary>
    internal static Deadline Implied(TimeSpan time) => new(After(time)._nanoseconds | ImpliedBit);

    /// <summary>Whether nobody asked for it: who waits need not be able to leave.</summary>
    internal bool IsImplied => (_nanoseconds & ImpliedBit) != 0;

    /// <summary>The same, as somebody's wish.</summary>
    internal Deadline Given => new(_nanoseconds & ~ImpliedBit);

    /// <summary>A deadline as a peer sent it: somebody's wish, for all that is known.</summary>
    internal static Deadline FromWire(ulong nanoseconds) =>
        nanoseconds == 0 ? Never : new(Math.Max(Past, (long)Math.Min(nanoseconds, long.MaxValue) & ~ImpliedBit));
}
