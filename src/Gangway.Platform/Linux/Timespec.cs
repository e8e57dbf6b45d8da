// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary><c>struct timespec</c>: a time in seconds and nanoseconds.</summary>
/// <remarks>
/// Deadlines are nanoseconds of CLOCK_MONOTONIC, the clock that <see cref="Stopwatch.GetTimestamp"/> reads on
/// Linux, where its frequency is 10^9. <see cref="long.MaxValue"/> means never.
/// </remarks>
[CStruct("struct timespec")]
[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    /// <summary>The deadline that never comes.</summary>
    internal const long Never = long.MaxValue;

    private const long NanosecondsPerSecond = 1_000_000_000;

    internal long tv_sec;
    internal long tv_nsec;

    /// <summary>Splits nanoseconds; what lies before zero becomes zero, for the kernel refuses negative times.</summary>
    internal static Timespec FromNanoseconds(long nanoseconds)
    {
        long sinceZero = Math.Max(nanoseconds, 0);
        return new Timespec { tv_sec = sinceZero / NanosecondsPerSecond, tv_nsec = sinceZero % NanosecondsPerSecond };
    }

    /// <summary>Nanoseconds from now until a deadline, zero if it has passed, <see cref="Never"/> for never.</summary>
    internal static long Until(long deadlineNs)
    {
        long now = Stopwatch.GetTimestamp();
        return deadlineNs == Never ? Never : deadlineNs <= now ? 0 : deadlineNs - now;
    }
}
