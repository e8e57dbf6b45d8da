// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>epoll(7): one wait for any number of descriptors.</summary>
/// <remarks><b>Threads</b>: safe. Disposing it while a thread waits does not wake that thread; the descriptor is
/// closed when the wait ends.</remarks>
internal sealed partial class Epoll : Descriptor
{
    // sys/epoll.h
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;

    private static bool s_hasNanosecondWait = true;

    private Epoll(int number)
        : base(number)
    {
    }

    /// <summary>Whether <see cref="Wait"/> uses epoll_pwait2. It turns false by itself where the kernel has none; a
    /// test sets it to force the fall-back.</summary>
    internal static bool HasNanosecondWait
    {
        get => Volatile.Read(ref s_hasNanosecondWait);
        set => Volatile.Write(ref s_hasNanosecondWait, value);
    }

    /// <summary>sizeof(struct epoll_event) of this CPU.</summary>
    internal static int NativeEventBytes => Syscall.IsX64 ? 12 : 16;

    /// <summary>offsetof(struct epoll_event, data) of this CPU.</summary>
    internal static int NativeDataOffset => Syscall.IsX64 ? 4 : 8;

    /// <summary>Makes an empty set.</summary>
    /// <param name="epoll">The set, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EMFILE, ENFILE, ENOMEM.</returns>
    internal static Errno Create(out Epoll? epoll)
    {
        int number = epoll_create1(EPOLL_CLOEXEC);
        epoll = number < 0 ? null : new Epoll(number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    /// <summary>Registers a descriptor.</summary>
    /// <returns>EEXIST (it is registered), EPERM (a file that cannot be waited for), EINVAL (itself, or a bad
    /// combination with <see cref="EpollEvents.Exclusive"/>), ELOOP (nested too deep), ENOMEM, ENOSPC (over
    /// max_user_watches).</returns>
    internal Errno Add(SafeHandle descriptor, EpollEvents events, ulong data) =>
        Control(EPOLL_CTL_ADD, descriptor, events, data);

    /// <summary>Changes a registration and looks at the descriptor again.</summary>
    /// <returns>ENOENT (it is not registered), EINVAL (an exclusive registration), ENOMEM.</returns>
    internal Errno Modify(SafeHandle descriptor, EpollEvents events, ulong data) =>
        Control(EPOLL_CTL_MOD, descriptor, events, data);

    /// <summary>Ends a registration. A wait in progress on another thread may still report it.</summary>
    /// <returns>ENOENT (it is not registered).</returns>
    internal Errno Remove(SafeHandle descriptor) => Control(EPOLL_CTL_DEL, descriptor, EpollEvents.None, 0);

    /// <summary>Waits until something is ready.</summary>
    /// <param name="events">Room for the reports; at least one.</param>
    /// <param name="timeoutNs">Nanoseconds; 0 looks and returns, -1 waits for ever. Where the kernel has no
    /// epoll_pwait2 it is rounded up to milliseconds.</param>
    /// <param name="count">How many reports there are: 0 after a time-out or a POSIX signal.</param>
    /// <returns>EINVAL (no room).</returns>
    internal unsafe Errno Wait(Span<EpollEvent> events, long timeoutNs, out int count)
    {
        Errno error = Errno.ENOSYS;

        // SAFETY: the kernel writes at most events.Length entries of 12 or 16 bytes where there are 16 for each.
        fixed (EpollEvent* buffer = events)
        {
            nint ready = -1;
            if (HasNanosecondWait)
            {
                Timespec timeout = Timespec.FromNanoseconds(timeoutNs);
                Timespec* limit = timeoutNs < 0 ? null : &timeout;
                ready = epoll_pwait2(Syscall.SYS_epoll_pwait2, this, buffer, events.Length, limit, 0, 0);
                error = ready < 0 ? Libc.LastError() : Errno.None;

                // Some system call filters say EPERM to what they do not know; the call itself never does.
                if (error is Errno.ENOSYS or Errno.EPERM)
                {
                    HasNanosecondWait = false;
                    error = Errno.ENOSYS;
                }
            }

            if (error == Errno.ENOSYS)
            {
                ready = epoll_wait(this, buffer, events.Length, ToMilliseconds(timeoutNs));
                error = ready < 0 ? Libc.LastError() : Errno.None;
            }

            count = error == Errno.None ? (int)ready : 0;
            if (Syscall.IsX64)
                Spread(events[..count]);
        }

        return error == Errno.EINTR ? Errno.None : error;
    }

    /// <summary>Turns an array of 12-byte structures at the start of a span into 16-byte ones.</summary>
    // From the last to the first: entry i goes to 16 i, which lies behind all entries that are still to be moved.
    private static void Spread(Span<EpollEvent> events)
    {
        Span<byte> packed = MemoryMarshal.AsBytes(events);
        for (int i = events.Length - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> entry = packed.Slice(i * 12, 12);
            events[i] = new EpollEvent(
                (EpollEvents)MemoryMarshal.Read<uint>(entry), MemoryMarshal.Read<ulong>(entry[4..]));
        }
    }

    private static int ToMilliseconds(long timeoutNs)
    {
        const long NanosecondsPerMillisecond = 1_000_000;
        if (timeoutNs < 0)
            return -1;

        long roundedUp = (timeoutNs / NanosecondsPerMillisecond) + Math.Sign(timeoutNs % NanosecondsPerMillisecond);
        return (int)Math.Min(roundedUp, int.MaxValue);
    }

    private unsafe Errno Control(int operation, SafeHandle descriptor, EpollEvents events, ulong data)
    {
        byte* native = stackalloc byte[16];

        // SAFETY: both fields lie inside the 16 bytes on either CPU.
        Unsafe.WriteUnaligned(native, (uint)events);
        Unsafe.WriteUnaligned(native + NativeDataOffset, data);
        return epoll_ctl(this, operation, descriptor, native) == 0 ? Errno.None : Libc.LastError();
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int epoll_ctl(SafeHandle epfd, int op, SafeHandle fd, byte* @event);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int epoll_wait(SafeHandle epfd, EpollEvent* events, int maxevents, int timeout);

    [LibraryImport(Libc.Name, EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint epoll_pwait2(
        nint number, SafeHandle epfd, EpollEvent* events, int maxevents, Timespec* timeout, nint sigmask, nuint sigsetsize);
}
