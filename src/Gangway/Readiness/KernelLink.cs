// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The epoll of an inner set in the epoll of the set that it is in.</summary>
/// <remarks><b>Threads:</b> under the outer set's lock.</remarks>
internal sealed class KernelLink(Epoll outer, Epoll inner, ulong data, bool isOn, Action forget)
{
    private bool _isOn = isOn;

    /// <summary>
    /// What it is registered for. The edge only says where to look: how the inner set is reported is decided by its place.
    /// While that wants nothing the kernel must not find the outer one ready either.
    /// </summary>
    internal static EpollEvents Mask(bool wantsReadable) => EpollEvents.Edge | (wantsReadable ? EpollEvents.In : EpollEvents.None);

    /// <summary>The place wants to be told, or not.</summary>
    internal void Want(bool isReadable)
    {
        if (_isOn == isReadable)
            return;
        _isOn = isReadable;
        Try(() => outer.Modify(inner, Mask(isReadable), data));
    }

    /// <summary>The place has ended.</summary>
    internal void End()
    {
        Try(() => outer.Remove(inner));
        forget();
    }

    private static void Try(Func<Errno> call)
    {
        try
        {
            call();
        }
        catch (ObjectDisposedException)
        {
            // One of the two sets is disposed: the kernel has ended it.
        }
    }
}
