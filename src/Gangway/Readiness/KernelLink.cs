// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The epoll of an inner set or port in that of the set that it is in, under a number of the latter's.</summary>
/// <remarks>
/// The kernel only says where to look: how the inner one is reported is decided by its place. While that wants nothing the
/// outer set must not be found ready by the kernel either. <b>Threads:</b> under the outer set's lock.
/// </remarks>
internal sealed class KernelLink(KernelHalf outer, Epoll inner, ulong data, bool isOn)
{
    private bool _isOn = isOn;

    /// <summary>The place wants to be told, or not.</summary>
    internal void Want(bool isReadable)
    {
        if (_isOn == isReadable)
            return;
        _isOn = isReadable;
        outer.Watch(inner, data, isReadable);
    }

    /// <summary>The place has ended.</summary>
    internal void End() => outer.Leave(inner, data);
}
