// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>prctl(2): whether other processes of this user may look into this one, and whether it leaves a core.</summary>
internal static partial class Dumpable
{
    // sys/prctl.h
    private const int PR_GET_DUMPABLE = 3;
    private const int PR_SET_DUMPABLE = 4;

    /// <summary>Whether this process can be traced and dumped by its own user.</summary>
    internal static bool IsSet => prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;

    /// <summary>Closes this process, until it executes another program: no core, no ptrace, and its /proc entries belong to
    /// root.</summary>
    /// <returns>Nothing is expected.</returns>
    internal static Errno Clear() => prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? Errno.None : Libc.LastError();

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);
}
