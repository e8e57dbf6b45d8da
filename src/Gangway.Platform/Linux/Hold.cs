// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>Keeps a handle from being released for the length of a <c>using</c>.</summary>
/// <remarks>For calls that pass the number or address inside a structure, where the marshaller does not see it.</remarks>
internal readonly ref struct Hold
{
    private readonly SafeHandle _handle;

    /// <summary>Takes a reference.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    internal Hold(SafeHandle handle)
    {
        bool taken = false;
        handle.DangerousAddRef(ref taken);
        _handle = handle;
    }

    /// <summary>Gives the reference back.</summary>
    public void Dispose() => _handle.DangerousRelease();
}
