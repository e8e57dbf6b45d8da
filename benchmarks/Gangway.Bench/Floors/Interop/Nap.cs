// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Sleeps for less than a millisecond more than asked, which <see cref="Thread.Sleep(int)"/> cannot.</summary>
internal static unsafe partial class Nap
{
    /// <summary>Sleeps for <paramref name="microseconds"/>, and by the kernel's timer slack longer.</summary>
    public static void For(long microseconds)
    {
        Timespec time = new() { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1000) };

        // Interrupted by a signal, the kernel writes what is left to the second argument.
        while (nanosleep(&time, &time) != 0)
        {
        }
    }

    [LibraryImport("libc")]
    private static partial int nanosleep(Timespec* time, Timespec* left);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
