// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>memfd_create(2): memory with a descriptor and no name, and the seals on it.</summary>
internal static partial class MemFd
{
    // linux/memfd.h
    private const uint MFD_CLOEXEC = 0x0001;
    private const uint MFD_ALLOW_SEALING = 0x0002;
    private const uint MFD_NOEXEC_SEAL = 0x0008;

    // linux/fcntl.h
    private const int F_ADD_SEALS = 1033;
    private const int F_GET_SEALS = 1034;

    /// <summary>Whether <see cref="Create"/> asks for F_SEAL_EXEC. It turns false by itself where the kernel knows none; a
    /// test sets it to force the fall-back. A race only asks twice.</summary>
    internal static bool HasNoExecSeal { get; set; } = true;

    /// <summary>Makes a memory file of the given length: zeros, sealable, never executable, mode 0600.</summary>
    /// <param name="name">For <c>/proc/self/maps</c> only; at most 249 bytes of UTF-8.</param>
    /// <param name="bytes">Its length; memory is charged when pages are touched.</param>
    /// <param name="memory">The descriptor, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EMFILE, ENFILE (no descriptor left), ENOMEM, EINVAL (name or length too long), EFBIG (over
    /// RLIMIT_FSIZE).</returns>
    /// <remarks>
    /// Mode 0600, because a memfd is born with 0666 or 0777, and with those another user who holds a read-only
    /// descriptor opens the memory for writing through /proc. Kernels before 6.3 know no F_SEAL_EXEC; there the
    /// file is made without it, and <see cref="Inspect"/> shows that.
    /// </remarks>
    internal static Errno Create(string name, ulong bytes, out FileDescriptor? memory)
    {
        memory = null;
        if (bytes > long.MaxValue)
            return Errno.EINVAL;

        const uint Always = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        int number = memfd_create(name, HasNoExecSeal ? Always | MFD_NOEXEC_SEAL : Always);
        if (number < 0 && HasNoExecSeal && Libc.LastError() == Errno.EINVAL)
        {
            // The flag or the name: only if the same name does without the flag was it the flag.
            number = memfd_create(name, Always);
            HasNoExecSeal = number < 0;
        }

        if (number < 0)
            return Libc.LastError();

        var made = new FileDescriptor(number);
        Errno error = SetLengthAndMode(made, (long)bytes);
        if (error != Errno.None)
        {
            made.Dispose();
            return error;
        }

        memory = made;
        return Errno.None;
    }

    /// <summary>Adds seals; they can never be taken off.</summary>
    /// <returns>EPERM (no more seals may be added, or the descriptor is read-only), EBUSY (<see cref="Seals.Write"/>
    /// while a writable mapping exists), EINVAL (not a memfd, or a seal this kernel does not know).</returns>
    internal static Errno AddSeals(FileDescriptor memory, Seals seals) =>
        fcntl(memory, F_ADD_SEALS, (nint)(uint)seals) >= 0 ? Errno.None : Libc.LastError();

    /// <summary>Asks the kernel what a descriptor is. Nothing in the answer comes from whoever sent it.</summary>
    /// <param name="memory">Any descriptor; one that is no memfd has no seals, and that is no error.</param>
    /// <param name="info">The answer; all zero when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>ENOMEM, EIO; nothing is expected for a memfd.</returns>
    internal static Errno Inspect(FileDescriptor memory, out MemFdInfo info)
    {
        info = default;
        Errno error = FileInformation.Query(memory, out Statx file);
        if (error != Errno.None)
            return error;

        error = FileInformation.QueryFileSystem(memory, out ulong magic);
        if (error != Errno.None)
            return error;

        int seals = fcntl(memory, F_GET_SEALS, 0);
        if (seals < 0)
        {
            error = Libc.LastError();
            if (error != Errno.EINVAL)
                return error;

            seals = 0;
        }

        info = new MemFdInfo(
            Bytes: file.stx_size,
            AllocatedBytes: file.stx_blocks * 512,
            IsTmpfs: magic == FileInformation.TMPFS_MAGIC,
            Seals: (Seals)seals,
            OwnerUid: file.stx_uid);
        return Errno.None;
    }

    private static Errno SetLengthAndMode(FileDescriptor memory, long bytes)
    {
        const uint OwnerReadWrite = 0x180; // 0600
        while (ftruncate(memory, bytes) != 0)
        {
            Errno error = Libc.LastError();
            if (error != Errno.EINTR)
                return error;
        }

        return fchmod(memory, OwnerReadWrite) == 0 ? Errno.None : Libc.LastError();
    }

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ftruncate(SafeHandle fd, long length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchmod(SafeHandle fd, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fcntl(SafeHandle fd, int cmd, nint arg);
}
