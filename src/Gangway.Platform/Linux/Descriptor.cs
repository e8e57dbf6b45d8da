// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Owns one file descriptor; closes it when the last user lets go.</summary>
/// <remarks>
/// Every descriptor is close-on-exec from birth. A call that takes it holds it open until the call returns, so
/// its number cannot be reused under a call in progress.
/// </remarks>
internal abstract partial class Descriptor : SafeHandle
{
    /// <summary>Takes ownership of an open descriptor.</summary>
    protected Descriptor(int number)
        : base(-1, ownsHandle: true) => SetHandle(number);

    /// <inheritdoc/>
    public sealed override bool IsInvalid => Number < 0;

    /// <summary>The number, for messages only: whoever calls with it races with a close.</summary>
    internal int Number => (int)handle;

    /// <inheritdoc/>
    // EINTR and all other errors but EBADF come after Linux has given the number back: closing again would close
    // somebody else's file.
    protected sealed override bool ReleaseHandle() =>
        close(Number) == 0 || Libc.LastError() != Errno.EBADF;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int close(int fd);
}
