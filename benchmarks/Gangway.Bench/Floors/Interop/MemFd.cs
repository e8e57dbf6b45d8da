// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Memory with a descriptor and no name, so that nothing is left behind whoever is killed.</summary>
internal static partial class MemFd
{
    private const uint MFD_CLOEXEC = 1;

    /// <summary>Makes <paramref name="sizeBytes"/> zero bytes of shared memory.</summary>
    public static SafeFileHandle Create(string name, long sizeBytes)
    {
        int descriptor = memfd_create(name, MFD_CLOEXEC);
        if (descriptor < 0)
        {
            throw new InvalidOperationException("memfd_create failed.");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (ftruncate(descriptor, sizeBytes) != 0)
        {
            handle.Dispose();
            throw new InvalidOperationException("ftruncate of a memfd failed.");
        }

        return handle;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc")]
    private static partial int ftruncate(int descriptor, long length);
}
