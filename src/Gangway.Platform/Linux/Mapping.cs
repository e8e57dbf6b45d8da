// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Memory of a memfd in this process' address space; unmapped when the last user lets go.</summary>
// Design: one mmap(2) region of fixed address and length for the life of the object. What lies behind the address
// may be replaced (ReplaceWithZeroPages), the address and length never, so a pointer that a holder of this
// SafeBuffer formed stays good. The region is not inherited by fork (MADV_DONTFORK): a child that the program
// makes behind our back must not hold a peer's memory.
internal sealed partial class Mapping : SafeBuffer
{
    // sys/mman.h
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int MAP_SHARED = 0x01;
    private const int MAP_PRIVATE = 0x02;
    private const int MAP_FIXED = 0x10;
    private const int MAP_ANONYMOUS = 0x20;
    private const int MADV_DONTFORK = 10;
    private const int MADV_POPULATE_READ = 22;
    private const int MADV_POPULATE_WRITE = 23;

    private Mapping(nint address, ulong bytes, MappingAccess access)
        : base(ownsHandle: true)
    {
        SetHandle(address);
        Initialize(bytes);
        Access = access;
    }

    /// <summary>What the mapping was made for. A replacement by zero pages does not change it.</summary>
    internal MappingAccess Access { get; }

    /// <summary>Maps the first bytes of a memory file, shared with everybody who maps it.</summary>
    /// <param name="memory">A memfd; the mapping outlives it.</param>
    /// <param name="bytes">How many, more than zero; pages behind the end of the file raise SIGBUS when touched, so
    /// check the size and the seals first.</param>
    /// <param name="access">Write access needs a descriptor open for writing.</param>
    /// <param name="mapping">The mapping, or null when the result is not <see cref="Errno.None"/>.</param>
    /// <returns>EACCES (descriptor not open for this access), EPERM (sealed against writing), EINVAL (zero bytes),
    /// ENOMEM (too many mappings: the kernel's limit, or <see cref="MappingBudget"/>, or no address space), ENODEV (not
    /// mappable).</returns>
    internal static Errno Map(FileDescriptor memory, ulong bytes, MappingAccess access, out Mapping? mapping)
    {
        mapping = null;
        if (!MappingBudget.TryTake())
            return Errno.ENOMEM;

        int protection = access == MappingAccess.ReadWrite ? PROT_READ | PROT_WRITE : PROT_READ;
        nint address = mmap_file(0, (nuint)bytes, protection, MAP_SHARED, memory, 0);
        Errno error = address == -1 ? Libc.LastError() : Errno.None;
        if (error == Errno.None && madvise(address, (nuint)bytes, MADV_DONTFORK) != 0)
        {
            error = Libc.LastError();
            munmap(address, (nuint)bytes);
        }

        if (error != Errno.None)
        {
            MappingBudget.GiveBack();
            return error;
        }

        mapping = new Mapping(address, bytes, access);
        return Errno.None;
    }

    /// <summary>Makes all pages present now, so that their cost is charged to this process and later touches
    /// do not fault.</summary>
    /// <returns>ENOMEM (no memory, or over the memory limit), EFAULT (a page cannot be had), EINVAL (before
    /// Linux 5.14).</returns>
    /// <remarks><b>Blocks</b> while memory is reclaimed. Works through a read-only mapping: pages of a memfd that
    /// do not exist yet are made.</remarks>
    internal Errno Populate()
    {
        int advice = Access == MappingAccess.ReadWrite ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
        using var hold = new Hold(this);
        while (madvise(handle, (nuint)ByteLength, advice) != 0)
        {
            Errno error = Libc.LastError();
            if (error != Errno.EINTR)
                return error;
        }

        return Errno.None;
    }

    /// <summary>Puts private, writable pages of zeros where the shared memory was, at the same address.</summary>
    /// <returns>ENOMEM (too many mappings, or strict overcommit); the shared memory then stays mapped.</returns>
    /// <remarks>
    /// Threads that read or write meanwhile see the old page or the new one, never a hole: the kernel replaces the
    /// region while faults wait. Afterwards late writes go to memory that nobody else sees, and this process no
    /// longer holds the peer's memory.
    /// </remarks>
    internal Errno ReplaceWithZeroPages()
    {
        using var hold = new Hold(this);
        nuint bytes = (nuint)ByteLength;
        const int Flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
        if (mmap_zero(handle, bytes, PROT_READ | PROT_WRITE, Flags, -1, 0) == -1)
            return Libc.LastError();

        return madvise(handle, bytes, MADV_DONTFORK) == 0 ? Errno.None : Libc.LastError();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        bool isUnmapped = munmap(handle, (nuint)ByteLength) == 0;
        if (isUnmapped)
            MappingBudget.GiveBack();
        return isUnmapped;
    }

    // SAFETY: the address is only handed to the kernel, which checks it; Hold keeps the region ours meanwhile, so
    // MAP_FIXED cannot hit memory that was unmapped and given to somebody else.
    [LibraryImport(Libc.Name, EntryPoint = "mmap", SetLastError = true)]
    private static partial nint mmap_file(nint addr, nuint length, int prot, int flags, SafeHandle fd, long offset);

    [LibraryImport(Libc.Name, EntryPoint = "mmap", SetLastError = true)]
    private static partial nint mmap_zero(nint addr, nuint length, int prot, int flags, int fd, long offset);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int madvise(nint addr, nuint length, int advice);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int munmap(nint addr, nuint length);
}
