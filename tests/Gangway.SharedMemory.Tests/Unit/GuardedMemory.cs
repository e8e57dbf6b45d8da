// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Memory for one segment between forbidden pages: an access behind its end, or far before, ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : SafeBuffer
{
    private const int PageBytes = 4096;
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    private readonly nint _all;
    private readonly nuint _totalBytes;

    /// <param name="bytes">A multiple of 64. It ends where the page behind it begins.</param>
    internal GuardedMemory(int bytes = SegmentLayout.SegmentBytes)
        : base(ownsHandle: true)
    {
        int pagesBytes = (bytes + PageBytes - 1) / PageBytes * PageBytes;
        _totalBytes = (nuint)(pagesBytes + 2 * PageBytes);
        _all = Map(0, _totalBytes, ProtectNone, MapPrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, _all);
        Assert.Equal(0, Protect(_all + PageBytes, (nuint)pagesBytes, ProtectReadWrite));
        SetHandle(_all + PageBytes + pagesBytes - bytes);
        Initialize((ulong)bytes);
    }

    protected override bool ReleaseHandle() => Unmap(_all, _totalBytes) == 0;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint bytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint bytes);
}
