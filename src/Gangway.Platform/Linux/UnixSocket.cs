// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>An AF_UNIX socket that carries packets in order (SOCK_SEQPACKET); never blocks unless its doc says so.</summary>
/// <remarks><b>Threads</b>: safe.</remarks>
internal sealed partial class UnixSocket : Descriptor
{
    // sys/socket.h and asm/socket.h
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_SNDTIMEO = 21;
    private const long LookEveryNs = 50_000_000;
    private const int SHUT_RD = 0;
    private const int SHUT_WR = 1;
    private const int SHUT_RDWR = 2;

    // fcntl.h
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int O_NONBLOCK = 0x800;

    private UnixSocket(int number)
        : base(number)
    {
    }

    /// <summary>Makes a socket that clients connect to by path.</summary>
    /// <param name="path">Where; must not exist, at most 107 bytes of UTF-8.</param>
    /// <param name="backlog">How many may wait to be accepted.</param>
    /// <param name="mode">Permission bits of the path, whatever the umask; write permission lets connect.</param>
    /// <param name="socket">The socket, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EADDRINUSE (the path exists), ENAMETOOLONG, EINVAL (empty, or with a zero in it), ENOENT, ENOTDIR,
    /// EACCES, EROFS, EMFILE, ENFILE, ENOMEM.</returns>
    /// <remarks>Nobody can connect before the mode is set: connecting fails until the socket listens.</remarks>
    internal static Errno Listen(string path, int backlog, uint mode, out UnixSocket? socket)
    {
        socket = null;
        Errno error = SockaddrUn.TryMake(path, out SockaddrUn address);
        if (error != Errno.None)
            return error;

        error = Create(SOCK_NONBLOCK, out UnixSocket? made);
        if (made is null)
            return error;

        error = made.BindAndListen(path, in address, backlog, mode);
        if (error != Errno.None)
        {
            made.Dispose();
            return error;
        }

        socket = made;
        return Errno.None;
    }

    /// <summary>Takes the next client that waits.</summary>
    /// <param name="socket">The connection, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EAGAIN (none waits), EMFILE, ENFILE, ENOMEM (the client goes on waiting), ECONNABORTED.</returns>
    internal Errno Accept(out UnixSocket? socket)
    {
        int number;
        do
        {
            number = accept4(this, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
        }
        while (number < 0 && Libc.LastError() == Errno.EINTR);

        socket = number < 0 ? null : new UnixSocket(number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    /// <summary>Connects to a listening socket.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="deadlineNs">Absolute CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: never. What has
    /// passed tries once.</param>
    /// <param name="socket">The connection, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <param name="mayGoOn">Asked now and then while this blocks; null: nobody ends it.</param>
    /// <returns>ENOENT (nothing there), ECONNREFUSED (nobody listens: the server is dead), EACCES (not allowed),
    /// ETIMEDOUT (the backlog stayed full), ECANCELED (<paramref name="mayGoOn"/> said no), EPROTOTYPE (another kind of socket), ENOTDIR, ENAMETOOLONG, EINVAL,
    /// EMFILE, ENFILE, ENOMEM.</returns>
    /// <remarks><b>Blocks</b> while the backlog is full, at most until the deadline; the kernel rounds the time up
    /// to its tick (up to 10 ms).</remarks>
    internal static Errno Connect(string path, long deadlineNs, out UnixSocket? socket, Func<bool>? mayGoOn = null)
    {
        socket = null;
        Errno error = SockaddrUn.TryMake(path, out SockaddrUn address);
        if (error != Errno.None)
            return error;

        error = Create(flags: 0, out UnixSocket? made);
        if (made is null)
            return error;

        error = made.ConnectBefore(in address, deadlineNs, mayGoOn);
        if (error == Errno.None)
            error = made.StopBlocking();

        if (error != Errno.None)
        {
            made.Dispose();
            return error;
        }

        socket = made;
        return Errno.None;
    }

    /// <summary>Waits until a packet, the end of the stream or an error can be had; for a listening socket, until
    /// somebody can be accepted.</summary>
    /// <param name="deadlineNs">Absolute CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: never.</param>
    /// <returns>ETIMEDOUT, ENOMEM.</returns>
    /// <remarks><b>Blocks</b> until the deadline.</remarks>
    internal Errno WaitReadable(long deadlineNs) => Poll.WaitReadable(this, deadlineNs);

    /// <summary>Ends both directions, for everybody who holds this connection. What was sent can still be read.</summary>
    /// <returns>ENOTCONN (it was not connected).</returns>
    internal Errno Shutdown() => shutdown(this, SHUT_RDWR) == 0 ? Errno.None : Libc.LastError();

    /// <summary>Ends the peer's direction: from here on it cannot send, and what it has sent can be received.</summary>
    /// <returns>ENOTCONN (it was not connected).</returns>
    internal Errno ShutdownReceiving() => shutdown(this, SHUT_RD) == 0 ? Errno.None : Libc.LastError();

    /// <summary>Ends our direction: the peer sees a hang-up, and what it still says can be received.</summary>
    /// <returns>ENOTCONN (it was not connected).</returns>
    internal Errno ShutdownSending() => shutdown(this, SHUT_WR) == 0 ? Errno.None : Libc.LastError();

    private static Errno Create(int flags, out UnixSocket? made)
    {
        int number = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
        made = number < 0 ? null : new UnixSocket(number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    private unsafe Errno BindAndListen(string path, in SockaddrUn address, int backlog, uint mode)
    {
        // SAFETY: the kernel reads one struct sockaddr_un, pinned for the call.
        fixed (SockaddrUn* where = &address)
        {
            if (bind(this, where, (uint)sizeof(SockaddrUn)) != 0)
                return Libc.LastError();
        }

        if (chmod(path, mode) == 0 && listen(this, backlog) == 0)
            return Errno.None;

        // The path is ours: bind makes it or fails.
        Errno error = Libc.LastError();
        Files.Unlink(path);
        return error;
    }

    // A blocking connect waits while the backlog is full, for at most SO_SNDTIMEO: the kernel wakes it when there is
    // room, where a non-blocking one would have to try again and again.
    private unsafe Errno ConnectBefore(in SockaddrUn address, long deadlineNs, Func<bool>? mayGoOn)
    {
        // SAFETY: the kernel reads one struct sockaddr_un, pinned for the call.
        fixed (SockaddrUn* where = &address)
        {
            while (true)
            {
                long remaining = Timespec.Until(deadlineNs);
                Errno error = LimitBlocking(mayGoOn is null ? remaining : Math.Min(remaining, LookEveryNs));
                if (error != Errno.None)
                    return error;

                if (connect(this, where, (uint)sizeof(SockaddrUn)) == 0)
                    return Errno.None;

                error = Libc.LastError();
                if (error is not (Errno.EINTR or Errno.EAGAIN))
                    return error;

                if (Timespec.Until(deadlineNs) == 0)
                    return Errno.ETIMEDOUT;
                if (mayGoOn is not null && !mayGoOn())
                    return Errno.ECANCELED;
            }
        }
    }

    private unsafe Errno LimitBlocking(long nanoseconds)
    {
        // A time of zero means for ever, so the shortest is one microsecond.
        var limit = new Timeval();
        if (nanoseconds != Timespec.Never)
        {
            long microseconds = Math.Max(nanoseconds / 1000, 1);
            limit = new Timeval { tv_sec = microseconds / 1_000_000, tv_usec = microseconds % 1_000_000 };
        }

        // SAFETY: the kernel reads one struct timeval of this stack.
        return setsockopt(this, SOL_SOCKET, SO_SNDTIMEO, &limit, (uint)sizeof(Timeval)) == 0
            ? Errno.None
            : Libc.LastError();
    }

    private Errno StopBlocking()
    {
        int flags = fcntl(this, F_GETFL, 0);
        return flags >= 0 && fcntl(this, F_SETFL, flags | O_NONBLOCK) == 0 ? Errno.None : Libc.LastError();
    }

    /// <summary><c>struct timeval</c>.</summary>
    [CStruct("struct timeval")]
    [StructLayout(LayoutKind.Sequential)]
    private struct Timeval
    {
        internal long tv_sec;
        internal long tv_usec;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(SafeHandle sockfd, SockaddrUn* addr, uint addrlen);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int listen(SafeHandle sockfd, int backlog);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int accept4(SafeHandle sockfd, nint addr, nint addrlen, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int connect(SafeHandle sockfd, SockaddrUn* addr, uint addrlen);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(SafeHandle sockfd, int level, int optname, void* optval, uint optlen);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int shutdown(SafeHandle sockfd, int how);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fcntl(SafeHandle fd, int cmd, nint arg);

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);
}
