// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Which processors the calling thread may run on; a process started by it inherits that.</summary>
/// <remarks>
/// Pinning the thread that starts the child is what <c>taskset</c> does: every thread of the child is
/// pinned, and its run-time sees that many processors.
/// </remarks>
internal static unsafe partial class Affinity
{
    private const int Words = 16;

    /// <summary>The processors that the calling thread may use, in ascending order.</summary>
    public static int[] Allowed()
    {
        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        if (sched_getaffinity(0, Words * sizeof(ulong), mask) < 0)
        {
            throw new InvalidOperationException("sched_getaffinity failed.");
        }

        List<int> cpus = [];
        for (int cpu = 0; cpu < Words * 64; cpu++)
        {
            if ((mask[cpu >> 6] >> (cpu & 63) & 1) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return [.. cpus];
    }

    /// <summary>Restricts the calling thread to <paramref name="cpus"/>.</summary>
    public static void Set(ReadOnlySpan<int> cpus)
    {
        ulong* mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (int cpu in cpus)
        {
            mask[cpu >> 6] |= 1UL << (cpu & 63);
        }

        if (sched_setaffinity(0, Words * sizeof(ulong), mask) != 0)
        {
            throw new InvalidOperationException("sched_setaffinity failed.");
        }
    }

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int pid, nuint size, ulong* mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int pid, nuint size, ulong* mask);
}
