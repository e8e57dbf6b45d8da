// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>One private 32-bit word that threads of this process sleep on until it changes.</summary>
/// <remarks>
/// <b>Threads</b>: safe. <b>Owns</b>: 64 bytes on the pinned heap; nothing to dispose, the collector frees them when
/// nobody can reach the word any more, so a late wake can never hit foreign memory. <b>Trust</b>: no other process
/// can map the word, so nobody outside can wake its sleepers or move them to another word.
/// </remarks>
// Design: an array on the pinned object heap, which never moves, with one word of it in the middle of a cache line
// of its own. All plain access goes through the array and so is bounds-checked; only the futex calls see an address,
// and only while the array is held by `fixed`.
internal sealed partial class ParkingWord
{
    // linux/futex.h
    private const int FUTEX_WAKE = 1;
    private const int FUTEX_WAIT_BITSET = 9;
    private const int FUTEX_PRIVATE_FLAG = 128;
    private const uint FUTEX_BITSET_MATCH_ANY = 0xffffffff;

    private const int CacheLineBytes = 64;

    private readonly uint[] _memory;

    // INVARIANT: the address of _memory[_index] is a multiple of 64, and 16 elements start there.
    private readonly int _index;

    /// <summary>Makes a word that holds zero.</summary>
    internal ParkingWord()
    {
        const int WordsPerLine = CacheLineBytes / sizeof(uint);
        _memory = GC.AllocateArray<uint>(2 * WordsPerLine, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        _index = (int)(-address & (CacheLineBytes - 1)) / sizeof(uint);
        Debug.Assert(Marshal.UnsafeAddrOfPinnedArrayElement(_memory, _index) % CacheLineBytes == 0);
        Debug.Assert(_index + WordsPerLine <= _memory.Length);
    }

    /// <summary>What the word holds; an acquiring read.</summary>
    internal uint Value => Volatile.Read(ref _memory[_index]);

    /// <summary>Adds one, with a full fence, and returns the sum. It wakes nobody: call <see cref="Wake"/> after it.</summary>
    internal uint Bump() => Interlocked.Increment(ref _memory[_index]);

    /// <summary>Wakes sleepers of this word, those of <see cref="Futex.WaitAny"/> too.</summary>
    /// <param name="count">At most how many; at least 1.</param>
    internal unsafe void Wake(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);

        // SAFETY: the kernel takes the address as a name only; the array is pinned and alive.
        fixed (uint* word = this)
        {
            nint woken = futex_wake(Syscall.SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count);
            Debug.Assert(woken >= 0, "A private wake fails only for a bad address or operation.");
        }
    }

    /// <summary>Sleeps while the word holds <paramref name="expected"/>.</summary>
    /// <param name="expected">The kernel compares and goes to sleep as one step.</param>
    /// <param name="deadlineNs">Absolute CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: never.</param>
    /// <returns><see cref="Errno.None"/> when woken (perhaps for no reason), EAGAIN when the word held something
    /// else, ETIMEDOUT. The caller looks at what it waits for after all three.</returns>
    internal unsafe Errno Wait(uint expected, long deadlineNs)
    {
        const int Operation = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG;
        Timespec deadline = Timespec.FromNanoseconds(deadlineNs);
        Timespec* until = deadlineNs == Timespec.Never ? null : &deadline;
        int number = Syscall.SYS_futex;

        // SAFETY: the kernel reads the word and the time; the array is pinned and alive, the time on this stack.
        fixed (uint* word = this)
        {
            while (true)
            {
                if (futex_wait(number, word, Operation, expected, until, 0, FUTEX_BITSET_MATCH_ANY) == 0)
                    return Errno.None;

                // The deadline is absolute, so an interrupted wait simply goes on.
                Errno error = Libc.LastError();
                if (error != Errno.EINTR)
                    return error;
            }
        }
    }

    /// <summary>For <c>fixed</c>.</summary>
    internal ref readonly uint GetPinnableReference() => ref _memory[_index];

    [LibraryImport(Libc.Name, EntryPoint = "syscall")]
    private static unsafe partial nint futex_wake(nint number, uint* word, int op, int count);

    [LibraryImport(Libc.Name, EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint futex_wait(
        nint number, uint* word, int op, uint value, Timespec* timeout, nint word2, uint bits);
}
