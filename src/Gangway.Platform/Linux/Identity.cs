// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Who this process is.</summary>
internal static partial class Identity
{
    /// <summary>The effective user id, which the kernel shows to peers.</summary>
    internal static uint EffectiveUid() => geteuid();

    /// <summary>The effective group id, which the kernel shows to peers.</summary>
    internal static uint EffectiveGid() => getegid();

    /// <summary>The process id.</summary>
    internal static int ProcessId() => getpid();

    [LibraryImport(Libc.Name)]
    private static partial uint geteuid();

    [LibraryImport(Libc.Name)]
    private static partial uint getegid();

    [LibraryImport(Libc.Name)]
    private static partial int getpid();
}
