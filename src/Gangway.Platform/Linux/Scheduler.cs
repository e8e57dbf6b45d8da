// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Where this thread runs, and giving its processor away.</summary>
internal static partial class Scheduler
{
    /// <summary>The processor that this thread ran on a moment ago; -1 where the kernel does not say.</summary>
    /// <remarks>Reads memory that the kernel keeps current; never enters it on x86-64.</remarks>
    internal static int CurrentCpu() => sched_getcpu();

    /// <summary>Lets others of the same priority run. With none this costs a microsecond, beside a busy one a time
    /// slice.</summary>
    internal static void Yield() => _ = sched_yield();

    /// <summary>Lets the calling thread run on one processor only.</summary>
    /// <param name="cpu">Its number, from 0.</param>
    /// <returns>EINVAL (no such processor, or not allowed to this process), EPERM.</returns>
    /// <remarks>It binds the operating system's thread: call it on a thread of your own.</remarks>
    internal static unsafe Errno PinCurrentThread(int cpu)
    {
        const int MostCpus = 1 << 16;
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, MostCpus);
        ulong[] mask = new ulong[(cpu / 64) + 1];
        mask[^1] = 1ul << (cpu % 64);

        // SAFETY: the kernel reads as many pinned bytes as the array has.
        fixed (ulong* bits = mask)
        {
            return sched_setaffinity(0, (nuint)mask.Length * sizeof(ulong), bits) == 0 ? Errno.None : Libc.LastError();
        }
    }

    /// <summary>The kernel's number of this thread.</summary>
    internal static int ThreadId() => gettid();

    // Reads a few bytes that the kernel maps into every process: no peer can make it slow, it cannot block.
    [SuppressGCTransition]
    [LibraryImport(Libc.Name)]
    private static partial int sched_getcpu();

    [LibraryImport(Libc.Name)]
    private static partial int sched_yield();

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int sched_setaffinity(int pid, nuint cpusetsize, ulong* mask);

    [LibraryImport(Libc.Name)]
    private static partial int gettid();
}
