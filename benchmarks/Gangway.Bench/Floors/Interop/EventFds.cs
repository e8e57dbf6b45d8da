// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Many eventfds. Whoever waits for them, they are made ready and read in this one way.</summary>
internal sealed unsafe partial class EventFds : IDisposable
{
    private const int EFD_NONBLOCK = 0x800;
    private const int EFD_CLOEXEC = 0x80000;

    private readonly SafeFileHandle[] _handles;

    /// <summary>Makes so many.</summary>
    public EventFds(int count)
    {
        _handles = new SafeFileHandle[count];
        Numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            Numbers[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
            if (Numbers[i] < 0)
            {
                throw new InvalidOperationException($"eventfd failed after {i} of {count}; see RLIMIT_NOFILE.");
            }

            _handles[i] = new SafeFileHandle(Numbers[i], ownsHandle: true);
        }
    }

    /// <summary>The descriptors.</summary>
    public int[] Numbers { get; }

    /// <summary>The descriptors, as a port takes them.</summary>
    public SafeHandle this[int index] => _handles[index];

    /// <summary>Makes one readable.</summary>
    public static void MakeReady(int number)
    {
        ulong one = 1;

        // SAFETY: the kernel reads eight bytes of this stack.
        if (write(number, &one, sizeof(ulong)) != sizeof(ulong))
        {
            throw new InvalidOperationException("write to an eventfd failed.");
        }
    }

    /// <summary>Reads one that is ready.</summary>
    public static void Read(int number)
    {
        ulong count;

        // SAFETY: the kernel writes eight bytes of this stack.
        if (read(number, &count, sizeof(ulong)) != sizeof(ulong))
        {
            throw new InvalidOperationException("An eventfd was reported and is not ready.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle handle in _handles)
        {
            handle.Dispose();
        }
    }

    [LibraryImport("libc")]
    private static partial int eventfd(uint initval, int flags);

    [LibraryImport("libc")]
    private static partial nint write(int fd, ulong* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial nint read(int fd, ulong* buffer, nuint count);
}
