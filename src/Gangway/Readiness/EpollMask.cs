// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What an <see cref="EpollSet"/> reports of a source, and how. The values are those of <c>EPOLLIN</c> and its like.</summary>
[Flags]
public enum EpollMask : uint
{
    /// <summary>Nothing. Errors and hang-ups are reported anyway.</summary>
    None = 0,

    /// <summary>EPOLLIN: something can be read or taken, or the end of the stream.</summary>
    Readable = 0x001,

    /// <summary>EPOLLPRI: an exceptional condition, such as urgent data.</summary>
    Priority = 0x002,

    /// <summary>EPOLLOUT: something can be written.</summary>
    Writable = 0x004,

    /// <summary>EPOLLERR: an error. Always reported.</summary>
    Error = 0x008,

    /// <summary>EPOLLHUP: both directions are shut. Always reported.</summary>
    HangUp = 0x010,

    /// <summary>EPOLLRDNORM.</summary>
    ReadNormal = 0x040,

    /// <summary>EPOLLRDBAND.</summary>
    ReadBand = 0x080,

    /// <summary>EPOLLWRNORM.</summary>
    WriteNormal = 0x100,

    /// <summary>EPOLLWRBAND.</summary>
    WriteBand = 0x200,

    /// <summary>EPOLLRDHUP: the peer closed, or shut its sending direction.</summary>
    PeerHangUp = 0x2000,

    /// <summary>EPOLLEXCLUSIVE: a wake-up that finds a waiter at this set goes to no further exclusive one.</summary>
    Exclusive = 1u << 28,

    /// <summary>EPOLLWAKEUP: keeps the machine from suspending, where the kernel permits it; without meaning for Gangway's own sources.</summary>
    WakeUp = 1u << 29,

    /// <summary>EPOLLONESHOT: reported once, then not until <see cref="EpollSet.Modify(Notification, EpollMask, ulong)"/>.</summary>
    OneShot = 1u << 30,

    /// <summary>EPOLLET: reported when the source wakes up, not for as long as it is ready.</summary>
    Edge = 1u << 31,
}
