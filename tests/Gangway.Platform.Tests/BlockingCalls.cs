// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform.Tests;

/// <summary>Numbers of the blocking calls that tests look for, on this CPU.</summary>
internal static class BlockingCalls
{
    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal static long Connect => s_isX64 ? 42 : 203;

    internal static long Ppoll => s_isX64 ? 271 : 73;

    /// <summary>epoll_wait or epoll_pwait (arm64 has no epoll_wait; C libraries differ).</summary>
    internal static long[] EpollWait => s_isX64 ? [232, 281] : [22];
}
