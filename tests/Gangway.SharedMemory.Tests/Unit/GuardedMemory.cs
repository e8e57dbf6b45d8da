// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Memory for one segment with a forbidden page on each side: an access outside ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : SafeBuffer
{
    private const int PageBytes = 4096;
    private const int TotalBytes = SegmentLayout.SegmentBytes + 2 * PageBytes;
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    internal GuardedMemory()
        : base(ownsHandle: true)
    {
        nint all = Map(0, TotalBytes, ProtectNone, MapPrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, all);
        Assert.Equal(0, Protect(all + PageBytes, SegmentLayout.SegmentBytes, ProtectReadWrite));
        SetHandle(all + PageBytes);
        Initialize(SegmentLayout.SegmentBytes);
    }

    protected override bool ReleaseHandle() => Unmap(handle - PageBytes, TotalBytes) == 0;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint bytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint bytes);
}
