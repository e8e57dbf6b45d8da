// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What waking a sleeper on another processor costs here, learnt from the waits themselves.</summary>
/// <remarks>
/// Polling pays for about as long as the wake-up that it avoids: 2 us on bare metal, 30 to 60 us in a virtual machine
/// (<c>./bench rtt</c>). A shorter wait is believed at once, a longer one slowly, because a wait that lasted may have had
/// other reasons. <b>Threads:</b> safe; a lost update is an estimate like any other.
/// </remarks>
internal static class WakeCost
{
    /// <summary>What it costs at most, as far as anybody waits for it.</summary>
    internal const long NanosecondsMax = 50_000;

    private const long NanosecondsMin = 5_000;
    private const int Slowness = 64;

    private static long s_nanoseconds = NanosecondsMax;

    /// <summary>For how long polling pays.</summary>
    internal static long Nanoseconds => Volatile.Read(ref s_nanoseconds);

    /// <summary>A wait that was slept through, for a peer on another processor, took this long.</summary>
    internal static void Observe(long waitNanoseconds)
    {
        long cost = Nanoseconds;
        long next = waitNanoseconds < cost ? waitNanoseconds : cost + (waitNanoseconds - cost) / Slowness;
        Volatile.Write(ref s_nanoseconds, Math.Clamp(next, NanosecondsMin, NanosecondsMax));
    }
}
