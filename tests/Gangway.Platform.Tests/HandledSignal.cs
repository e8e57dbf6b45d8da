// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform.Tests;

/// <summary>Gives a signal a handler that makes system calls fail with EINTR, while it lives.</summary>
/// <remarks>
/// The runtime's own handlers ask the kernel to restart what they interrupt, and then most calls never see EINTR. This
/// one does not ask. It is a function of the C library that takes an int and does nothing, because managed code cannot
/// run in a signal handler.
/// </remarks>
internal sealed partial class HandledSignal : IDisposable
{
    /// <summary>SIGURG, which nothing else here uses and which does nothing without a handler.</summary>
    internal const int Number = 23;

    private const nint SIG_DFL = 0;

    internal HandledSignal()
    {
        nint harmless = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "abs");
        Assert.NotEqual(-1, signal(Number, harmless));
        Assert.Equal(0, siginterrupt(Number, 1));
    }

    public void Dispose() => Assert.NotEqual(-1, signal(Number, SIG_DFL));

    [LibraryImport("libc")]
    private static partial nint signal(int signum, nint handler);

    [LibraryImport("libc")]
    private static partial int siginterrupt(int sig, int flag);
}
