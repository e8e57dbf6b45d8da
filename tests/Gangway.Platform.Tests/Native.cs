// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform.Tests;

/// <summary>Calls that Platform does not make: what a hostile peer, or a check of ours, asks the kernel.</summary>
internal static partial class Native
{
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int FALLOC_FL_KEEP_SIZE = 1;
    internal const int FALLOC_FL_PUNCH_HOLE = 2;
    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_CLOEXEC = 0x80000;
    private const int F_GETFD = 1;
    private const int F_GETFL = 3;
    private const int O_NONBLOCK = 0x800;
    private const int FD_CLOEXEC = 1;
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int MADV_REMOVE = 9;

    /// <summary>Undoes <see cref="Dumpable.Clear"/> for the other tests of this process.</summary>
    internal static void MakeDumpable() => Assert.Equal(0, prctl(4, 1, 0, 0, 0));

    internal static bool IsCloseOnExec(Descriptor descriptor) => (fcntl(descriptor, F_GETFD, 0) & FD_CLOEXEC) != 0;

    internal static bool IsNonBlocking(Descriptor descriptor) => (fcntl(descriptor, F_GETFL, 0) & O_NONBLOCK) != 0;

    internal static Errno Truncate(FileDescriptor file, long length) => Result(ftruncate(file, length));

    internal static Errno ChangeMode(FileDescriptor file, uint mode) => Result(fchmod(file, mode));

    internal static Errno PunchHole(FileDescriptor file, long offset, long length) =>
        Result(fallocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length));

    internal static unsafe Errno WriteAt(FileDescriptor file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* pointer = bytes)
        {
            return pwrite(file, pointer, (nuint)bytes.Length, offset) == bytes.Length ? Errno.None : LastError();
        }
    }

    internal static unsafe byte ReadByteAt(FileDescriptor file, long offset)
    {
        byte value;
        Assert.Equal(1, pread(file, &value, 1, offset));
        return value;
    }

    /// <summary>Opens a memory file again through /proc, as a hostile holder of it would.</summary>
    internal static Errno Reopen(FileDescriptor file, int flags, out FileDescriptor? again) =>
        OpenPath($"/proc/self/fd/{file.Number}", flags, out again);

    internal static Errno OpenPath(string path, int flags, out FileDescriptor? again)
    {
        int number = open(path, flags | O_CLOEXEC, 0);
        again = number < 0 ? null : new FileDescriptor(number);
        return number < 0 ? LastError() : Errno.None;
    }

    /// <summary>Maps, changes protection, and unmaps; answers with the first error.</summary>
    internal static Errno MapThenProtect(FileDescriptor file, nuint bytes, int mapProtection, int laterProtection)
    {
        nint address = mmap(0, bytes, mapProtection, MAP_SHARED, file, 0);
        if (address == -1)
            return LastError();

        Errno error = Result(mprotect(address, bytes, laterProtection));
        Assert.Equal(0, munmap(address, bytes));
        return error;
    }

    internal static unsafe Errno Protect(Mapping mapping, int protection)
    {
        byte* address = null;
        mapping.AcquirePointer(ref address);
        Errno error = Result(mprotect((nint)address, (nuint)mapping.ByteLength, protection));
        mapping.ReleasePointer();
        return error;
    }

    internal static unsafe Errno Remove(Mapping mapping)
    {
        byte* address = null;
        mapping.AcquirePointer(ref address);
        Errno error = Result(madvise((nint)address, (nuint)mapping.ByteLength, MADV_REMOVE));
        mapping.ReleasePointer();
        return error;
    }

    internal static unsafe long AddressOf(Mapping mapping)
    {
        byte* address = null;
        mapping.AcquirePointer(ref address);
        mapping.ReleasePointer();
        return (long)address;
    }

    /// <summary>Sends a packet with as many descriptors as there are, which UnixSocket does not.</summary>
    internal static unsafe Errno SendDescriptors(UnixSocket socket, ReadOnlySpan<byte> packet, params FileDescriptor[] files)
    {
        byte[] control = new byte[16 + (((files.Length * 4) + 7) / 8 * 8)];
        BitConverter.TryWriteBytes(control, (ulong)(16 + (files.Length * 4)));
        BitConverter.TryWriteBytes(control.AsSpan(8), SOL_SOCKET);
        BitConverter.TryWriteBytes(control.AsSpan(12), SCM_RIGHTS);
        for (int i = 0; i < files.Length; i++)
            BitConverter.TryWriteBytes(control.AsSpan(16 + (i * 4)), files[i].Number);

        fixed (byte* bytes = packet, controlBytes = control)
        {
            nint* iovec = stackalloc nint[2] { (nint)bytes, packet.Length };
            nint* message = stackalloc nint[7] { 0, 0, (nint)iovec, 1, (nint)controlBytes, control.Length, 0 };
            return sendmsg(socket, message, 0) < 0 ? LastError() : Errno.None;
        }
    }

    /// <summary>Sends a POSIX signal to one thread of this process.</summary>
    internal static void Signal(int threadId, int signal) =>
        Assert.Equal(0, tgkill(Environment.ProcessId, threadId, signal));

    /// <summary>Counts an eventfd up as far as it goes.</summary>
    internal static unsafe void FillCounter(EventFd eventFd)
    {
        ulong most = ulong.MaxValue - 1;
        Assert.Equal(8, write(eventFd, &most, 8));
    }

    /// <summary>A socket of Gangway's kind that was neither bound nor connected.</summary>
    internal static UnixSocket UnconnectedSocket()
    {
        int number = socket(1, 5 | 0x80000, 0);
        Assert.True(number >= 0);
        return (UnixSocket)Activator.CreateInstance(
            typeof(UnixSocket), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic, null, [number], null)!;
    }

    internal static uint SetUmask(uint mask) => umask(mask);

    internal static unsafe ulong SoftDescriptorLimit
    {
        get
        {
            ulong* limit = stackalloc ulong[2];
            Assert.Equal(0, getrlimit(7, limit));
            return limit[0];
        }

        set
        {
            ulong* limit = stackalloc ulong[2];
            Assert.Equal(0, getrlimit(7, limit));
            limit[0] = value;
            Assert.Equal(0, setrlimit(7, limit));
        }
    }

    private static Errno Result(int result) => result == 0 ? Errno.None : LastError();

    private static Errno LastError() => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeHandle fd, int cmd, nint arg);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeHandle fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(SafeHandle fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeHandle fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pwrite(SafeHandle fd, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pread(SafeHandle fd, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint addr, nuint length, int prot, int flags, SafeHandle fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint addr, nuint length, int prot);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int madvise(nint addr, nuint length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint addr, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendmsg(SafeHandle sockfd, void* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tgkill(int tgid, int tid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(SafeHandle fd, ulong* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, ulong* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, ulong* limit);
}
