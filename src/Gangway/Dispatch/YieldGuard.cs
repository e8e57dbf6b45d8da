// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Yields this thread's processor to a peer on the same one, and notices when somebody else takes it.</summary>
/// <remarks>
/// Beside a busy third process a plain yield costs a time slice: 711 round trips a second instead of 95,000. So each
/// yield is timed, and one that took a slice, or two of 64 that took more than 50 us, stop yielding for the next 64 waits of
/// this thread, then 128, up to 65,536. One alone that is shorter is a visit, as of the monitor's tick: to stop for that made
/// a call on one core cost 8 us in place of 3.5. Measured by <c>./bench rtt</c> (<c>rtt.hog.*</c>, <c>rtt.samecore.*</c>).
/// </remarks>
internal static class YieldGuard
{
    private const long SlowNanoseconds = 50_000;
    private const int BanMin = 64;
    private const int BanMax = 65_536;
    private const long SliceNanoseconds = 1_000_000;
    private const int YieldsToForgive = 4096;
    private const int YieldsBetweenVisits = 64;

    [ThreadStatic]
    private static int t_bannedWaits;

    [ThreadStatic]
    private static int t_nextBan;

    [ThreadStatic]
    private static int t_goodYields;

    /// <summary>Begins one wait of this thread.</summary>
    /// <returns>Whether it may yield.</returns>
    internal static bool BeginWait()
    {
        if (t_bannedWaits == 0)
            return true;
        t_bannedWaits--;
        return false;
    }

    /// <summary>Yields once.</summary>
    /// <param name="now">The time before; becomes the time after.</param>
    /// <returns>False when somebody else wanted the processor: the caller sleeps.</returns>
    internal static bool TryYield(ref long now)
    {
        long before = now;
        Scheduler.Yield();
        now = Deadline.Now;
        if (now - before <= SlowNanoseconds)
        {
            if (t_goodYields < YieldsToForgive && ++t_goodYields == YieldsToForgive)
                t_nextBan = BanMin;
            return true;
        }

        bool wasVisit = now - before < SliceNanoseconds && t_goodYields >= YieldsBetweenVisits;
        t_goodYields = 0;
        if (wasVisit)
            return false;
        t_nextBan = Math.Clamp(t_nextBan, BanMin, BanMax);
        t_bannedWaits = t_nextBan;
        t_nextBan *= 2;
        return false;
    }
}
