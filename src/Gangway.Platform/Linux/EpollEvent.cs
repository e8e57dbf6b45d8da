// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>One report of an <see cref="Epoll"/>.</summary>
/// <remarks>
/// This is <c>struct epoll_event</c> as arm64 lays it out, 16 bytes. On x86-64 the C structure is packed to 12 bytes;
/// <see cref="Epoll"/> spreads the kernel's array out in place, so one assembly serves both.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal readonly struct EpollEvent
{
    [FieldOffset(0)]
    private readonly uint _events;

    [FieldOffset(8)]
    private readonly ulong _data;

    /// <summary>Makes a report as the kernel would.</summary>
    internal EpollEvent(EpollEvents events, ulong data)
    {
        _events = (uint)events;
        _data = data;
    }

    /// <summary>What happened.</summary>
    internal EpollEvents Events => (EpollEvents)_events;

    /// <summary>What the registration carries.</summary>
    internal ulong Data => _data;
}
