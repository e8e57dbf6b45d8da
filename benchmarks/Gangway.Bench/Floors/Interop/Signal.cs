// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Signals to a child.</summary>
internal static partial class Signal
{
    private const int SIGSTOP = 19;

    /// <summary>Stops every thread of a process where it is.</summary>
    public static void Stop(int process)
    {
        if (kill(process, SIGSTOP) != 0)
        {
            throw new InvalidOperationException("kill(SIGSTOP) failed.");
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
