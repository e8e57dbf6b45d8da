// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>What names need: a directory that can be trusted, lock files, rename.</summary>
internal static partial class Files
{
    // fcntl.h. Two of them differ between CPUs.
    private const int O_RDONLY = 0;
    private const int O_RDWR = 2;
    private const int O_CREAT = 0x40;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int F_OFD_GETLK = 36;
    private const int F_OFD_SETLK = 37;
    private const short F_WRLCK = 1;
    private const short F_UNLCK = 2;
    private const short SEEK_SET = 0;

    // sys/stat.h
    private const uint S_IFMT = 0xf000;
    private const uint S_IFDIR = 0x4000;
    private const uint S_IFSOCK = 0xc000;

    private static int O_DIRECTORY => Syscall.IsX64 ? 0x10000 : 0x4000;

    private static int O_NOFOLLOW => Syscall.IsX64 ? 0x20000 : 0x8000;

    /// <summary>Opens a directory, never through a symbolic link at its end.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="create">Whether to make it if it is missing.</param>
    /// <param name="mode">Permission bits of one that was made, whatever the umask; one that was there keeps its
    /// own, so check them with <see cref="Describe"/>.</param>
    /// <param name="directory">The directory, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>ENOENT, ENOTDIR (also for a symbolic link), EACCES, EROFS, ENOSPC, ENAMETOOLONG, EMFILE, ENFILE,
    /// ENOMEM.</returns>
    internal static Errno OpenDirectory(string path, bool create, uint mode, out FileDescriptor? directory)
    {
        directory = null;
        bool made = create && mkdir(path, mode) == 0;
        if (create && !made && Libc.LastError() != Errno.EEXIST)
            return Libc.LastError();

        Errno error = Open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, out FileDescriptor? opened);
        if (opened is null)
            return error;

        if (made && fchmod(opened, mode) != 0)
        {
            error = Libc.LastError();
            opened.Dispose();
            return error;
        }

        directory = opened;
        return Errno.None;
    }

    /// <summary>Describes an open file.</summary>
    /// <returns>ENOMEM, EIO.</returns>
    internal static Errno Describe(FileDescriptor file, out FileStatus status)
    {
        Errno error = FileInformation.Query(file, out Statx information);
        status = error == Errno.None ? ToStatus(in information) : default;
        return error;
    }

    /// <summary>Describes what a path names, the link itself if it is one.</summary>
    /// <returns>ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, ENOMEM, EIO.</returns>
    internal static Errno DescribePath(string path, out FileStatus status)
    {
        Errno error = FileInformation.QueryPath(path, out Statx information);
        status = error == Errno.None ? ToStatus(in information) : default;
        return error;
    }

    /// <summary>Opens a file to lock, and makes it if it is missing.</summary>
    /// <param name="path">Where it is; a symbolic link is not followed.</param>
    /// <param name="mode">Permission bits of one that is made, less the umask.</param>
    /// <param name="file">The file, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>ELOOP (a symbolic link), ENOENT, ENOTDIR, EACCES, EISDIR, EROFS, ENOSPC, ENAMETOOLONG, EMFILE, ENFILE,
    /// ENOMEM.</returns>
    internal static Errno OpenLockFile(string path, uint mode, out FileDescriptor? file) =>
        Open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode, out file);

    /// <summary>Takes the write lock of a whole file without waiting.</summary>
    /// <param name="file">A file from <see cref="OpenLockFile"/>; the lock belongs to this open file and goes when its
    /// last descriptor is closed, at the latest with the process.</param>
    /// <returns>EAGAIN (another open file holds it), ENOLCK.</returns>
    internal static unsafe Errno TryLock(FileDescriptor file)
    {
        var range = new Flock { l_type = F_WRLCK, l_whence = SEEK_SET };

        // SAFETY: the kernel reads one struct flock of this stack.
        if (fcntl(file, F_OFD_SETLK, &range) == 0)
            return Errno.None;

        // POSIX allows either for a lock that is held.
        Errno error = Libc.LastError();
        return error == Errno.EACCES ? Errno.EAGAIN : error;
    }

    /// <summary>Looks whether some open file holds the write lock, and takes nothing.</summary>
    /// <returns>ENOENT (no such file), EACCES, ELOOP (a symbolic link), EMFILE, ENFILE, ENOMEM.</returns>
    internal static unsafe Errno IsLocked(string path, out bool locked)
    {
        locked = false;
        Errno error = Open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0, out FileDescriptor? file);
        if (file is null)
            return error;

        using (file)
        {
            var range = new Flock { l_type = F_WRLCK, l_whence = SEEK_SET };

            // SAFETY: the kernel reads and writes one struct flock of this stack.
            if (fcntl(file, F_OFD_GETLK, &range) != 0)
                return Libc.LastError();

            locked = range.l_type != F_UNLCK;
            return Errno.None;
        }
    }

    /// <summary>Gives a file another name, in place of what had it; as one step.</summary>
    /// <returns>ENOENT, EACCES, EPERM, EXDEV, EISDIR, ENOTDIR, ENOTEMPTY, EROFS, ENOSPC, ENAMETOOLONG.</returns>
    internal static Errno Rename(string from, string to) => rename(from, to) == 0 ? Errno.None : Libc.LastError();

    /// <summary>Removes a name.</summary>
    /// <returns>ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, EROFS, ENAMETOOLONG.</returns>
    internal static Errno Unlink(string path) => unlink(path) == 0 ? Errno.None : Libc.LastError();

    private static Errno Open(string path, int flags, uint mode, out FileDescriptor? file)
    {
        int number;
        do
        {
            number = open(path, flags, mode);
        }
        while (number < 0 && Libc.LastError() == Errno.EINTR);

        file = number < 0 ? null : new FileDescriptor(number);
        return number < 0 ? Libc.LastError() : Errno.None;
    }

    private static FileStatus ToStatus(in Statx file) => new(
        OwnerUid: file.stx_uid,
        Mode: file.stx_mode & ~S_IFMT,
        Inode: file.stx_ino,
        Device: ((ulong)file.stx_dev_major << 32) | file.stx_dev_minor,
        IsDirectory: (file.stx_mode & S_IFMT) == S_IFDIR,
        IsSocket: (file.stx_mode & S_IFMT) == S_IFSOCK);

    /// <summary><c>struct flock</c>; a length of zero means the whole file.</summary>
    [CStruct("struct flock")]
    [StructLayout(LayoutKind.Sequential)]
    private struct Flock
    {
        internal short l_type;
        internal short l_whence;
        internal long l_start;
        internal long l_len;
        internal int l_pid;
    }

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchmod(SafeHandle fd, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int fcntl(SafeHandle fd, int cmd, Flock* range);

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string oldpath, string newpath);

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);
}
