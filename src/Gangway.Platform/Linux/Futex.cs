// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>futex(2) and futex_waitv(2) on words that two processes map.</summary>
internal static partial class Futex
{
    // linux/futex.h. FUTEX_WAKE without the private flag: the word is shared between processes.
    private const int FUTEX_WAKE = 1;
    private const uint FUTEX2_SIZE_U32 = 0x02;
    private const uint FUTEX2_PRIVATE = 128;

    // linux/time.h
    private const int CLOCK_MONOTONIC = 1;

    /// <summary>Wakes those who sleep on a shared word, in whichever process.</summary>
    /// <param name="mapping">Where the word lies; read access is enough.</param>
    /// <param name="offset">Its place, a multiple of four, inside the mapping.</param>
    /// <param name="count">At most how many; at least 1.</param>
    /// <returns>How many were woken (a hostile peer decides that), or -1 when the page cannot be had.</returns>
    /// <remarks><b>Trust</b>: a peer can make this slow (thousands of sleepers beside ours in the kernel's table),
    /// not block it. Therefore the garbage collector does not wait for it.</remarks>
    internal static unsafe int Wake(Mapping mapping, nuint offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CheckWord(mapping, offset);

        byte* memory = null;
        mapping.AcquirePointer(ref memory);
        try
        {
            // SAFETY: CheckWord put the word inside the mapping, which is held; the kernel checks the address too.
            return (int)futex_wake(Syscall.SYS_futex, memory + offset, FUTEX_WAKE, count);
        }
        finally
        {
            mapping.ReleasePointer();
        }
    }

    /// <summary>Sleeps while a shared word and a private one both hold what is expected.</summary>
    /// <param name="mapping">Where the shared word lies; read access is enough.</param>
    /// <param name="offset">Its place, a multiple of four, inside the mapping.</param>
    /// <param name="expected">What the shared word holds while there is nothing new.</param>
    /// <param name="alarm">The private word that this process changes for death, cancel and dispose.</param>
    /// <param name="alarmExpected">What the private word holds while there is no alarm.</param>
    /// <param name="deadlineNs">Absolute CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: never.</param>
    /// <returns><see cref="Errno.None"/> when woken (perhaps for no reason), EAGAIN when one of the words held
    /// something else, ETIMEDOUT. The caller looks at both words after all three. ENOSYS before Linux 5.16 or under a
    /// system call filter that does not know the call; EFAULT when the page of the shared word cannot be had.</returns>
    internal static unsafe Errno WaitAny(
        Mapping mapping, nuint offset, uint expected, ParkingWord alarm, uint alarmExpected, long deadlineNs)
    {
        CheckWord(mapping, offset);
        Timespec deadline = Timespec.FromNanoseconds(deadlineNs);
        Timespec* until = deadlineNs == Timespec.Never ? null : &deadline;
        FutexWaitv* words = stackalloc FutexWaitv[2];

        byte* memory = null;
        mapping.AcquirePointer(ref memory);
        try
        {
            // SAFETY: the kernel reads both words, the array and the time. CheckWord put the shared word inside the
            // mapping, which is held; the private one is pinned; the rest is on this stack.
            fixed (uint* alarmWord = alarm)
            {
                words[0] = new FutexWaitv { val = expected, uaddr = (ulong)(memory + offset), flags = FUTEX2_SIZE_U32 };
                words[1] = new FutexWaitv
                {
                    val = alarmExpected,
                    uaddr = (ulong)alarmWord,
                    flags = FUTEX2_SIZE_U32 | FUTEX2_PRIVATE,
                };
                while (true)
                {
                    if (futex_waitv(Syscall.SYS_futex_waitv, words, 2, 0, until, CLOCK_MONOTONIC) >= 0)
                        return Errno.None;

                    // The deadline is absolute, so an interrupted wait simply goes on.
                    Errno error = Libc.LastError();
                    if (error != Errno.EINTR)
                        return error;
                }
            }
        }
        finally
        {
            mapping.ReleasePointer();
        }
    }

    private static void CheckWord(Mapping mapping, nuint offset)
    {
        if (offset % sizeof(uint) != 0 || mapping.ByteLength < sizeof(uint) || offset > mapping.ByteLength - sizeof(uint))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "A futex word is aligned and inside its mapping.");
    }

    /// <summary><c>struct futex_waitv</c>: one word of several that are waited for.</summary>
    [CStruct("struct futex_waitv")]
    [StructLayout(LayoutKind.Sequential)]
    private struct FutexWaitv
    {
        internal ulong val;
        internal ulong uaddr;
        internal uint flags;
        internal uint __reserved;
    }

    [LibraryImport(Libc.Name, EntryPoint = "syscall")]
    private static unsafe partial nint futex_wake(nint number, byte* word, int op, int count);

    [LibraryImport(Libc.Name, EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint futex_waitv(
        nint number, FutexWaitv* words, uint count, uint flags, Timespec* timeout, int clock);
}
