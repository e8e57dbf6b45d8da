// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

// Who is at the other end, and what it may send.
internal sealed partial class UnixSocket
{
    // asm/socket.h
    private const int SO_PEERCRED = 17;
    private const int SO_PEERPIDFD = 77;
    private const int SO_PASSRIGHTS = 83;

    /// <summary>Makes the kernel refuse descriptors that the peer tries to send.</summary>
    /// <returns>ENOPROTOOPT before Linux 6.16; then <see cref="Receive"/>, which has no room for descriptors, still
    /// makes the kernel discard them.</returns>
    internal unsafe Errno RefuseDescriptors()
    {
        int off = 0;

        // SAFETY: the kernel reads one int of this stack.
        return setsockopt(this, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(int)) == 0 ? Errno.None : Libc.LastError();
    }

    /// <summary>Asks the kernel who made the connection. All of it or an error, never a default.</summary>
    /// <param name="credentials">User, group and process at the time of the connect (for the connecting side: of the
    /// listen).</param>
    /// <param name="process">The process, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>ENOTCONN (no peer), ESRCH (the peer's process is not visible from this pid namespace, or gone on older
    /// kernels), ENODATA, ENOPROTOOPT (before Linux 6.5), EMFILE, ENFILE, ENOMEM.</returns>
    internal unsafe Errno GetPeer(out PeerCredentials credentials, out PidFd? process)
    {
        credentials = new PeerCredentials(uint.MaxValue, uint.MaxValue, 0);
        process = null;

        // SAFETY: the kernel writes at most as many bytes as the length says, on this stack.
        var peer = new Ucred { pid = 0, uid = uint.MaxValue, gid = uint.MaxValue };
        uint length = (uint)sizeof(Ucred);
        if (getsockopt(this, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
            return Libc.LastError();

        if (length != sizeof(Ucred) || peer.uid == uint.MaxValue || peer.gid == uint.MaxValue)
            return Errno.ENOTCONN;

        if (peer.pid <= 0)
            return Errno.ESRCH;

        int number = -1;
        length = sizeof(int);
        if (getsockopt(this, SOL_SOCKET, SO_PEERPIDFD, &number, &length) != 0)
            return Libc.LastError();

        if (length != sizeof(int) || number < 0)
            return Errno.ESRCH;

        process = new PidFd(number);
        credentials = new PeerCredentials(peer.uid, peer.gid, peer.pid);
        return Errno.None;
    }

    /// <summary><c>struct ucred</c>.</summary>
    [CStruct("struct ucred")]
    [StructLayout(LayoutKind.Sequential)]
    private struct Ucred
    {
        internal int pid;
        internal uint uid;
        internal uint gid;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockopt(SafeHandle sockfd, int level, int optname, void* optval, uint* optlen);
}
