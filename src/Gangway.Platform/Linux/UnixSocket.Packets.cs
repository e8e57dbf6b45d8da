// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

// Packets, with and without descriptors.
internal sealed partial class UnixSocket
{
    // bits/socket.h
    private const int MSG_CTRUNC = 0x08;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;
    private const int SCM_RIGHTS = 1;

    /// <summary>Sends one packet, whole or not at all.</summary>
    /// <param name="packet">At least one byte: an empty packet looks like the end of the stream.</param>
    /// <returns>EAGAIN (the peer does not read), EPIPE, ECONNRESET (the peer is gone), EMSGSIZE (larger than the send
    /// buffer), ENOTCONN, ENOBUFS, ENOMEM.</returns>
    internal unsafe Errno Send(ReadOnlySpan<byte> packet)
    {
        CheckPacket(packet);

        // SAFETY: the kernel reads packet.Length pinned bytes.
        fixed (byte* bytes = packet)
        {
            nint sent;
            do
            {
                sent = send(this, bytes, (nuint)packet.Length, MSG_DONTWAIT | MSG_NOSIGNAL);
            }
            while (sent < 0 && Libc.LastError() == Errno.EINTR);

            return sent < 0 ? Libc.LastError() : Errno.None;
        }
    }

    /// <summary>Sends one packet and two descriptors, together or not at all.</summary>
    /// <returns>As <see cref="Send"/>, and EPERM (the peer refuses descriptors), ETOOMANYREFS (too many descriptors of
    /// this user are on their way).</returns>
    internal unsafe Errno SendWithDescriptors(
        ReadOnlySpan<byte> packet, FileDescriptor first, FileDescriptor second)
    {
        CheckPacket(packet);
        using var holdFirst = new Hold(first);
        using var holdSecond = new Hold(second);
        var control = new TwoDescriptors
        {
            cmsg_len = (nuint)sizeof(TwoDescriptors),
            cmsg_level = SOL_SOCKET,
            cmsg_type = SCM_RIGHTS,
            first = first.Number,
            second = second.Number,
        };

        // SAFETY: the kernel reads the pinned bytes and, on this stack, the structures; the lengths are theirs.
        fixed (byte* bytes = packet)
        {
            var data = new Iovec { iov_base = bytes, iov_len = (nuint)packet.Length };
            var message = new Msghdr
            {
                msg_iov = &data,
                msg_iovlen = 1,
                msg_control = &control,
                msg_controllen = (nuint)sizeof(TwoDescriptors),
            };
            nint sent;
            do
            {
                sent = sendmsg(this, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
            }
            while (sent < 0 && Libc.LastError() == Errno.EINTR);

            return sent < 0 ? Libc.LastError() : Errno.None;
        }
    }

    /// <summary>Receives one packet. Descriptors that came with it never enter this process.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="count">Its length; 0 at the end of the stream, and when the result is not
    /// <see cref="Errno.None"/>.</param>
    /// <returns>EAGAIN (nothing there), EMSGSIZE (longer than the buffer; it is gone), ECONNRESET (the peer is gone
    /// and left what we sent unread), ENOTCONN, ENOMEM.</returns>
    internal unsafe Errno Receive(Span<byte> buffer, out int count)
    {
        count = 0;
        nint received;

        // SAFETY: the kernel writes at most buffer.Length pinned bytes; MSG_TRUNC makes it say how many there were.
        fixed (byte* bytes = buffer)
        {
            do
            {
                received = recv(this, bytes, (nuint)buffer.Length, MSG_DONTWAIT | MSG_TRUNC);
            }
            while (received < 0 && Libc.LastError() == Errno.EINTR);
        }

        if (received < 0)
            return Libc.LastError();

        // TRUST: the peer chose the length; only what is inside the buffer is reported.
        if (received > buffer.Length)
            return Errno.EMSGSIZE;

        count = (int)received;
        return Errno.None;
    }

    /// <summary>Receives one packet and the two descriptors that came with it, or none.</summary>
    /// <param name="buffer">Where the packet goes.</param>
    /// <param name="count">As in <see cref="Receive"/>.</param>
    /// <param name="first">The first descriptor, close-on-exec; null when there are none or the result is not
    /// <see cref="Errno.None"/>.</param>
    /// <param name="second">The second; null exactly if the first is.</param>
    /// <returns>As <see cref="Receive"/>, and EPROTO (any other number of descriptors than none or two; all are
    /// closed), EMFILE (two came, and this process has no room for them; what came is closed).</returns>
    /// <remarks><b>Trust</b>: what the descriptors are is for the caller to check; at most two of them enter this
    /// process, however many the peer sent.</remarks>
    internal unsafe Errno ReceiveWithDescriptors(
        Span<byte> buffer, out int count, out FileDescriptor? first, out FileDescriptor? second)
    {
        count = 0;
        first = null;
        second = null;
        var control = default(TwoDescriptors);
        var message = default(Msghdr);
        nint received;

        // SAFETY: the kernel writes at most buffer.Length pinned bytes and the structures on this stack; the lengths
        // are theirs.
        fixed (byte* bytes = buffer)
        {
            var data = new Iovec { iov_base = bytes, iov_len = (nuint)buffer.Length };
            do
            {
                message = new Msghdr
                {
                    msg_iov = &data,
                    msg_iovlen = 1,
                    msg_control = &control,
                    msg_controllen = (nuint)sizeof(TwoDescriptors),
                };
                received = recvmsg(this, &message, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
            }
            while (received < 0 && Libc.LastError() == Errno.EINTR);
        }

        if (received < 0)
            return Libc.LastError();

        int descriptors = CountDescriptors(in message, in control);
        FileDescriptor? one = descriptors >= 1 ? new FileDescriptor(control.first) : null;
        FileDescriptor? two = descriptors >= 2 ? new FileDescriptor(control.second) : null;

        // TRUST: the peer chose the length and the number of descriptors; the kernel wrote both. With room for two,
        // a truncated list of fewer means that this process could not take them.
        bool truncated = (message.msg_flags & MSG_CTRUNC) != 0;
        Errno error =
            truncated ? (descriptors < 2 ? Errno.EMFILE : Errno.EPROTO)
            : descriptors == 1 ? Errno.EPROTO
            : received > buffer.Length ? Errno.EMSGSIZE
            : Errno.None;
        if (error != Errno.None)
        {
            one?.Dispose();
            two?.Dispose();
            return error;
        }

        count = (int)received;
        first = one;
        second = two;
        return Errno.None;
    }

    // The control buffer has room for one header and two descriptors, so there is no second header to look for. Only
    // SCM_RIGHTS can come: no option that adds other messages (SO_PASSCRED, ...) is ever set on these sockets.
    private static unsafe int CountDescriptors(in Msghdr message, in TwoDescriptors control)
    {
        nuint header = (nuint)(sizeof(TwoDescriptors) - (2 * sizeof(int)));
        bool isRights = message.msg_controllen >= header
            && control.cmsg_level == SOL_SOCKET && control.cmsg_type == SCM_RIGHTS && control.cmsg_len >= header;
        return isRights ? (int)Math.Min((control.cmsg_len - header) / sizeof(int), 2) : 0;
    }

    private static void CheckPacket(ReadOnlySpan<byte> packet)
    {
        if (packet.IsEmpty)
            throw new ArgumentException("A packet has at least one byte.", nameof(packet));
    }

    /// <summary><c>struct iovec</c>.</summary>
    [CStruct("struct iovec")]
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Iovec
    {
        internal byte* iov_base;
        internal nuint iov_len;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [CStruct("struct msghdr")]
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Msghdr
    {
        internal void* msg_name;
        internal uint msg_namelen;
        internal Iovec* msg_iov;
        internal nuint msg_iovlen;
        internal void* msg_control;
        internal nuint msg_controllen;
        internal int msg_flags;
    }

    /// <summary><c>struct cmsghdr</c> followed by two ints; CMSG_LEN and CMSG_SPACE of two ints are its size.</summary>
    [CStruct("struct two_descriptors")]
    [StructLayout(LayoutKind.Sequential)]
    private struct TwoDescriptors
    {
        internal nuint cmsg_len;
        internal int cmsg_level;
        internal int cmsg_type;
        internal int first;
        internal int second;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint send(SafeHandle sockfd, byte* buffer, nuint length, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recv(SafeHandle sockfd, byte* buffer, nuint length, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint sendmsg(SafeHandle sockfd, Msghdr* message, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recvmsg(SafeHandle sockfd, Msghdr* message, int flags);
}
