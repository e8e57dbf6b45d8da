// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Numbers of the system calls that old C libraries have no function for (asm/unistd.h).</summary>
/// <remarks>
/// They go through <c>syscall(2)</c>, which is variadic; the calling conventions of Linux on x86-64 and arm64
/// pass integer arguments of a variadic function as those of any other.
/// </remarks>
internal static class Syscall
{
    // The same on every CPU: numbers given after Linux 5.1.
    internal const int SYS_pidfd_open = 434;
    internal const int SYS_epoll_pwait2 = 441;
    internal const int SYS_futex_waitv = 449;

    /// <summary>Whether this is x86-64; the JIT makes it a constant.</summary>
    internal static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The number of futex(2).</summary>
    /// <exception cref="PlatformNotSupportedException">Neither x86-64 nor arm64.</exception>
    internal static int SYS_futex => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => throw new PlatformNotSupportedException("Gangway runs on x86-64 and arm64."),
    };
}
