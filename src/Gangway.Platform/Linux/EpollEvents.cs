// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>What to report about a descriptor, and how (EPOLL* of sys/epoll.h).</summary>
[Flags]
internal enum EpollEvents : uint
{
    /// <summary>Nothing; errors and hang-ups are reported anyway.</summary>
    None = 0,

    /// <summary>EPOLLIN: something can be read, or the end of the stream.</summary>
    In = 0x001,

    /// <summary>EPOLLOUT: something can be written.</summary>
    Out = 0x004,

    /// <summary>EPOLLERR: an error; always reported.</summary>
    Err = 0x008,

    /// <summary>EPOLLHUP: both directions are shut; always reported.</summary>
    Hup = 0x010,

    /// <summary>EPOLLRDHUP: the peer closed, or shut its sending direction.</summary>
    RdHup = 0x2000,

    /// <summary>EPOLLEXCLUSIVE: wake one of the sets that wait for this descriptor.</summary>
    Exclusive = 1u << 28,

    /// <summary>EPOLLONESHOT: report once, then not until modified.</summary>
    OneShot = 1u << 30,

    /// <summary>EPOLLET: report changes, not states.</summary>
    Edge = 1u << 31,
}
