// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>eventfd(2): wakes this process' own epoll.</summary>
/// <remarks><b>Trust</b>: never give it to another process. O_NONBLOCK belongs to the open file, so a peer could take
/// it off and fill the counter, and then <see cref="Signal"/> would block for ever.</remarks>
internal sealed partial class EventFd : Descriptor
{
    // sys/eventfd.h
    private const int EFD_NONBLOCK = 0x800;
    private const int EFD_CLOEXEC = 0x80000;

    private EventFd(int number)
        : base(number)
    {
    }

    /// <summary>Makes one that is not signalled.</summary>
    /// <param name="eventFd">The descriptor, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EMFILE, ENFILE, ENOMEM, ENODEV.</returns>
    internal static Errno Create(out EventFd? eventFd)
    {
        int number = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        eventFd = number < 0 ? null : new EventFd(number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    /// <summary>Makes it readable.</summary>
    /// <returns>Always <see cref="Errno.None"/>: a counter that is full is readable already.</returns>
    internal unsafe Errno Signal()
    {
        ulong one = 1;

        // SAFETY: the kernel reads eight bytes of this stack.
        nint written = write(this, &one, sizeof(ulong));
        return Result(written);
    }

    /// <summary>Makes it unreadable until the next <see cref="Signal"/>.</summary>
    /// <returns>Always <see cref="Errno.None"/>, also if it was not signalled.</returns>
    internal unsafe Errno Drain()
    {
        ulong count;

        // SAFETY: the kernel writes eight bytes of this stack.
        nint bytes = read(this, &count, sizeof(ulong));
        return Result(bytes);
    }

    private static Errno Result(nint bytes)
    {
        if (bytes == sizeof(ulong))
            return Errno.None;

        Errno error = Libc.LastError();
        return error == Errno.EAGAIN ? Errno.None : error;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int eventfd(uint initval, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint write(SafeHandle fd, ulong* buffer, nuint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint read(SafeHandle fd, ulong* buffer, nuint count);
}
