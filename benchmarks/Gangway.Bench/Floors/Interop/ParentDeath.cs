// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Ties the life of a child to the thread that started it.</summary>
internal static partial class ParentDeath
{
    private const int PR_SET_PDEATHSIG = 1;
    private const int SIGKILL = 9;

    /// <summary>From now on this process is killed when its parent is gone; at once if it is gone already.</summary>
    /// <remarks>
    /// A child that spins in a loop would not notice that its standard input was closed; the kernel does.
    /// The signal comes when the *thread* that started the child ends, so only the main thread starts any.
    /// </remarks>
    public static void Bind(int parent)
    {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException("prctl(PR_SET_PDEATHSIG) failed.");
        }

        if (getppid() != parent)
        {
            Environment.Exit(1);
        }
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc")]
    private static partial int getppid();
}
