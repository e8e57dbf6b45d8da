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

    /// <summary>Moves the calling thread off a processor, to any other that it may run on, and leaves its choice as it was.</summary>
    /// <param name="cpu">The processor that it runs on.</param>
    /// <returns>EINVAL (it may run nowhere else, or this machine has more than 1,024 processors), EPERM; EOPNOTSUPP on the
    /// process's first thread, from which the runtime copies the choice of each thread that it makes.</returns>
    /// <remarks>
    /// About 20 us. A change of the thread's choice by another thread in just that moment is lost, and a processor that is
    /// given to the process later is not among this thread's.
    /// </remarks>
    internal static unsafe Errno LeaveCpu(int cpu)
    {
        const int Words = 16;
        if (gettid() == Environment.ProcessId)
            return Errno.EOPNOTSUPP;
        if (cpu is < 0 or >= Words * 64)
            return Errno.EINVAL;
        ulong* mask = stackalloc ulong[Words];

        // SAFETY: the kernel writes, and reads, at most as many bytes as the array has.
        if (sched_getaffinity(0, Words * sizeof(ulong), mask) != 0)
            return Libc.LastError();
        ulong bit = 1ul << (cpu % 64);
        if ((mask[cpu / 64] & bit) == 0)
            return Errno.None;
        mask[cpu / 64] &= ~bit;
        if (sched_setaffinity(0, Words * sizeof(ulong), mask) != 0)
            return Libc.LastError();
        mask[cpu / 64] |= bit;

        // Nothing may be left undone: a second try where the kernel lacked something for a moment.
        return sched_setaffinity(0, Words * sizeof(ulong), mask) == 0 || sched_setaffinity(0, Words * sizeof(ulong), mask) == 0
            ? Errno.None
            : Libc.LastError();
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

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int sched_getaffinity(int pid, nuint cpusetsize, ulong* mask);

    [LibraryImport(Libc.Name)]
    private static partial int gettid();
}
