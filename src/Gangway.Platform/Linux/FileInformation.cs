// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>statx(2) and fstatfs(2): what a file is and where it lies.</summary>
internal static partial class FileInformation
{
    // linux/magic.h
    internal const uint TMPFS_MAGIC = 0x01021994;
    internal const uint PID_FS_MAGIC = 0x50494446;

    // linux/fcntl.h
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;

    // linux/stat.h
    private const uint STATX_BASIC_STATS = 0x000007ff;

    /// <summary>Describes an open file.</summary>
    /// <returns>ENOMEM, EIO.</returns>
    internal static unsafe Errno Query(SafeHandle file, out Statx information)
    {
        // SAFETY: the kernel writes one struct statx behind the pointer, which is pinned for the call.
        fixed (Statx* buffer = &information)
        {
            return statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, buffer) == 0 ? Errno.None : Libc.LastError();
        }
    }

    /// <summary>Describes what a path names, the link itself if it is one.</summary>
    /// <returns>ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, ENOMEM, EIO.</returns>
    internal static unsafe Errno QueryPath(string path, out Statx information)
    {
        // SAFETY: as above.
        fixed (Statx* buffer = &information)
        {
            return statx_path(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, buffer) == 0
                ? Errno.None
                : Libc.LastError();
        }
    }

    /// <summary>Says on which kind of file system an open file lies.</summary>
    /// <returns>EIO, ENOSYS; nothing is expected for files of tmpfs and pidfs.</returns>
    internal static unsafe Errno QueryFileSystem(SafeHandle file, out ulong magic)
    {
        Statfs buffer;
        int result;
        do
        {
            // SAFETY: the kernel writes one struct statfs behind the pointer, which is on this stack.
            result = fstatfs(file, &buffer);
        }
        while (result != 0 && Libc.LastError() == Errno.EINTR);

        magic = result == 0 ? (ulong)buffer.f_type : 0;
        return result == 0 ? Errno.None : Libc.LastError();
    }

    /// <summary><c>struct statfs</c>; only the type is read.</summary>
    [CStruct("struct statfs")]
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    private struct Statfs
    {
        internal long f_type;
        internal long f_bsize;
    }

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(SafeHandle dirfd, string path, int flags, uint mask, Statx* buffer);

    [LibraryImport(Libc.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx_path(int dirfd, string path, int flags, uint mask, Statx* buffer);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int fstatfs(SafeHandle fd, Statfs* buffer);
}
