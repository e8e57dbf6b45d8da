// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Yields this thread's processor to a peer on the same one, and notices when somebody else takes it.</summary>
/// <remarks>
/// Beside a busy third process a plain yield costs a time slice: 711 round trips a second instead of 95,000. So each
/// yield is timed; one that took more than 50 us stops yielding for the next 64 waits of this thread, then 128, up to
/// 65,536. Measured by <c>./bench rtt</c> (<c>rtt.hog.*</c>).
/// </remarks>
internal static class YieldGuard
{
    private const long SlowNanoseconds = 50_000;
    private const int BanMin = 64;
    private const int BanMax = 65_536;
    private const int YieldsToForgive = 4096;

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
            if (++t_goodYields >= YieldsToForgive)
                t_nextBan = BanMin;
            return true;
        }

        t_goodYields = 0;
        t_nextBan = Math.Clamp(t_nextBan, BanMin, BanMax);
        t_bannedWaits = t_nextBan;
        t_nextBan *= 2;
        return false;
    }
}
