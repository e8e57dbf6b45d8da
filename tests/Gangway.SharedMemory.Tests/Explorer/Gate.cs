// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>Lets one thread through each time it is opened.</summary>
internal sealed unsafe partial class Gate : IDisposable
{
    // Design:
    //
    // A bare futex: no spinning, which would burn the one core that all threads of an exploration share, and no lock.

    private const int FutexWaitPrivate = 128;
    private const int FutexWakePrivate = 129;

    private static readonly nint s_futex = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    private readonly int* _isOpen = (int*)NativeMemory.AlignedAlloc(64, 64);

    internal Gate() => *_isOpen = 0;

    internal void Open()
    {
        Volatile.Write(ref *_isOpen, 1);
        _ = syscall(s_futex, _isOpen, FutexWakePrivate, 1, 0);
    }

    internal void Wait()
    {
        while (Interlocked.Exchange(ref *_isOpen, 0) == 0)
            _ = syscall(s_futex, _isOpen, FutexWaitPrivate, 0, 0);
    }

    public void Dispose() => NativeMemory.AlignedFree(_isOpen);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, int* word, nint operation, nint value, nint timeout);
}
