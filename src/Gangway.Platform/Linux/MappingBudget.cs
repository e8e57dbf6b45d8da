// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Platform;

/// <summary>How many mappings of ours this process may have: where the kernel refuses one more, the runtime aborts.</summary>
/// <remarks>
/// A mapping counts from <see cref="Mapping.Map"/> until it is really unmapped, so one whose pages were replaced by zeros counts
/// until the collector has seen that nobody can reach it. <b>Threads</b>: safe.
/// </remarks>
internal static class MappingBudget
{
    /// <summary>What is left to the runtime, its stacks and heaps, and the program.</summary>
    internal const long Headroom = 8192;

    private const long CollectionsApartNs = 1_000_000_000;

    private static long s_limit = Math.Max((long)ResourceLimits.MappingLimit() - Headroom, (long)ResourceLimits.MappingLimit() / 2);
    private static long s_used;
    private static long s_collectedAt = long.MinValue / 2;

    /// <summary>The most there may be. Read once from <c>vm.max_map_count</c>; a test sets it.</summary>
    internal static long Limit
    {
        get => Volatile.Read(ref s_limit);
        set => Volatile.Write(ref s_limit, value);
    }

    /// <summary>How many there are.</summary>
    internal static long Used => Volatile.Read(ref s_used);

    /// <summary>Whether some more would fit now. The word that counts is that of <see cref="TryTake"/>.</summary>
    internal static bool HasRoom(int count)
    {
        // What is used up may be connections that ended, and only wait for the collector.
        if (Used + count > Limit - Limit / 8)
            AskForCollection();
        return Used + count <= Limit;
    }

    /// <summary>Takes one.</summary>
    internal static bool TryTake()
    {
        long used = Used;
        while (used < Limit)
        {
            long found = Interlocked.CompareExchange(ref s_used, used + 1, used);
            if (found == used)
                return true;
            used = found;
        }

        return false;
    }

    /// <summary>Gives one back: it is unmapped.</summary>
    internal static void GiveBack() => Interlocked.Decrement(ref s_used);

    private static void AskForCollection()
    {
        long now = Stopwatch.GetTimestamp();
        long last = Volatile.Read(ref s_collectedAt);
        if (now - last >= CollectionsApartNs && Interlocked.CompareExchange(ref s_collectedAt, now, last) == last)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
