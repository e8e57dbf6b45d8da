// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>A process, held so that no other can be taken for it; readable once it has exited.</summary>
internal sealed partial class PidFd : Descriptor
{
    /// <summary>Takes ownership of an open pidfd.</summary>
    internal PidFd(int number)
        : base(number)
    {
    }

    /// <summary>Opens a process by its id.</summary>
    /// <param name="pid">A process that cannot be reaped meanwhile: oneself or a child. A peer's id may be another process's by
    /// now: use <see cref="UnixSocket.GetPeer"/>, or compare <see cref="GetInode"/> with what it was.</param>
    /// <param name="process">The process, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>ESRCH (no such process), EINVAL (not a process id), EMFILE, ENFILE, ENOMEM.</returns>
    internal static Errno Open(int pid, out PidFd? process)
    {
        nint number = pidfd_open(Syscall.SYS_pidfd_open, pid, 0);
        process = number < 0 ? null : new PidFd((int)number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    /// <summary>The number that names this process and, until the next boot, no other.</summary>
    /// <param name="inode">The inode number; 0 when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EOPNOTSUPP: before Linux 6.9 all pidfds share one inode, which says nothing.</returns>
    internal Errno GetInode(out ulong inode)
    {
        inode = 0;
        Errno error = FileInformation.QueryFileSystem(this, out ulong magic);
        if (error != Errno.None)
            return error;

        if (magic != FileInformation.PID_FS_MAGIC)
            return Errno.EOPNOTSUPP;

        error = FileInformation.Query(this, out Statx file);
        if (error == Errno.None)
            inode = file.stx_ino;

        return error;
    }

    /// <summary>Looks whether the process has exited; reaped or not makes no difference.</summary>
    /// <returns>ENOMEM.</returns>
    internal Errno HasExited(out bool exited)
    {
        Errno error = Poll.WaitReadable(this, deadlineNs: 0);
        exited = error == Errno.None;
        return error == Errno.ETIMEDOUT ? Errno.None : error;
    }

    [LibraryImport(Libc.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint pidfd_open(nint number, int pid, uint flags);
}
