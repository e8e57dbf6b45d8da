// SPDX-License-Identifier: MIT

using System.Numerics;
using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>Keeps all threads of an exploration on one core: handing over costs 2 us there, and 30 us across cores.</summary>
internal static unsafe partial class OneCore
{
    private static int s_next;

    /// <summary>A core that this process may use; the next exploration gets the next one.</summary>
    internal static int Pick()
    {
        ulong allowed;
        if (sched_getaffinity(0, sizeof(ulong), &allowed) < 0 || allowed == 0)
            return -1;
        int skip = (int)((uint)Interlocked.Increment(ref s_next) % (uint)BitOperations.PopCount(allowed));
        for (; skip > 0; skip--)
            allowed &= allowed - 1;
        return BitOperations.TrailingZeroCount(allowed);
    }

    /// <summary>Keeps the current thread there. If the system refuses, it is only slower.</summary>
    internal static void Stay(int core)
    {
        ulong mask = 1UL << core;
        if (core >= 0)
            _ = sched_setaffinity(0, sizeof(ulong), &mask);
    }

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint bytes, ulong* mask);
}
