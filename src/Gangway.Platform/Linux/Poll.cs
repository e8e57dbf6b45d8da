// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>ppoll(2) on one descriptor, for waits that happen once in a connection's life.</summary>
internal static partial class Poll
{
    // poll.h
    private const short POLLIN = 0x001;

    /// <summary>Waits until a descriptor is readable, hung up or in error.</summary>
    /// <param name="descriptor">Anything that can be polled.</param>
    /// <param name="deadlineNs">Absolute CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: never; what has
    /// passed looks once.</param>
    /// <returns>ETIMEDOUT, ENOMEM.</returns>
    internal static unsafe Errno WaitReadable(Descriptor descriptor, long deadlineNs)
    {
        using var hold = new Hold(descriptor);
        while (true)
        {
            var one = new Pollfd { fd = descriptor.Number, events = POLLIN };
            long remaining = Timespec.Until(deadlineNs);
            Timespec timeout = Timespec.FromNanoseconds(remaining);

            // SAFETY: the kernel reads and writes one struct pollfd and reads the time, both on this stack.
            int ready = ppoll(&one, 1, remaining == Timespec.Never ? null : &timeout, 0);
            if (ready > 0)
                return Errno.None;

            Errno error = ready == 0 ? Errno.ETIMEDOUT : Libc.LastError();
            if (error != Errno.EINTR)
                return error;
        }
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [CStruct("struct pollfd")]
    [StructLayout(LayoutKind.Sequential)]
    private struct Pollfd
    {
        internal int fd;
        internal short events;
        internal short revents;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int ppoll(Pollfd* fds, nuint nfds, Timespec* timeout, nint sigmask);
}
