// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Tests;

/// <summary>The kernel's own O_ASYNC on a descriptor: real-time signals that the thread which made this takes, and nobody else.</summary>
/// <remarks>The thread blocks the signal for the rest of its life, so it is one of the test's own.</remarks>
internal sealed class KernelAsync
{
    internal const int POLL_IN = 1;
    internal const int POLL_HUP = 6;

    private const int Signal = 50;
    private const int F_GETFL = 3, F_SETFL = 4, F_SETSIG = 10, F_SETOWN_EX = 15;
    private const int O_ASYNC = 0x2000, SIG_BLOCK = 0, F_OWNER_TID = 0, SYS_gettid = 186;

    private readonly byte[] _set = new byte[128];
    private readonly SafeHandle _handle;

    internal KernelAsync(SafeHandle handle)
    {
        _handle = handle;
        _set[(Signal - 1) / 8] = 1 << ((Signal - 1) % 8);
        Assert.Equal(0, pthread_sigmask(SIG_BLOCK, _set, 0));
        Assert.Equal(0, fcntl(handle, F_SETOWN_EX, [F_OWNER_TID, (int)syscall(SYS_gettid)]));
        Assert.Equal(0, fcntl(handle, F_SETSIG, Signal));
        Set(isOn: true);
    }

    internal void Set(bool isOn)
    {
        int flags = fcntl(_handle, F_GETFL, 0);
        Assert.Equal(0, fcntl(_handle, F_SETFL, isOn ? flags | O_ASYNC : flags & ~O_ASYNC));
    }

    /// <summary>The codes (POLL_IN and its like) of all signals that are pending for this thread.</summary>
    internal List<int> Take()
    {
        var codes = new List<int>();
        byte[] information = new byte[128];
        while (sigtimedwait(_set, information, [0, 0]) == Signal)
            codes.Add(BitConverter.ToInt32(information, 8));
        return codes;
    }

    [DllImport("libc")]
    private static extern int fcntl(SafeHandle handle, int command, int argument);

    [DllImport("libc")]
    private static extern int fcntl(SafeHandle handle, int command, int[] owner);

    [DllImport("libc")]
    private static extern int pthread_sigmask(int how, byte[] set, nint old);

    [DllImport("libc")]
    private static extern int sigtimedwait(byte[] set, byte[] information, long[] timeout);

    [DllImport("libc")]
    private static extern nint syscall(nint number);
}
