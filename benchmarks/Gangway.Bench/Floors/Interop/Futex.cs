// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>The kernel's wait and wake on a shared word.</summary>
internal static unsafe partial class Futex
{
    private const nint FUTEX_WAIT = 0;
    private const nint FUTEX_WAKE = 1;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => throw new PlatformNotSupportedException("The futex floor knows x64 and arm64."),
    };

    /// <summary>Sleeps while <paramref name="word"/> holds <paramref name="expected"/>. May return early.</summary>
    public static void Wait(uint* word, uint expected) => syscall(s_number, (nint)word, FUTEX_WAIT, (nint)expected, 0, 0, 0);

    /// <summary>Wakes one sleeper of <paramref name="word"/>.</summary>
    public static void Wake(uint* word) => syscall(s_number, (nint)word, FUTEX_WAKE, 1, 0, 0, 0);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
