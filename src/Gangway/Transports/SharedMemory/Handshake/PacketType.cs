// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>The packets of the handshake: section 2 of docs/PROTOCOL.md.</summary>
internal enum PacketType : uint
{
    /// <summary>Client: who I am and what I speak.</summary>
    Hello = 1,

    /// <summary>Server: both segments, the geometry and the pair id.</summary>
    Welcome = 2,

    /// <summary>Client: both are mapped and populated.</summary>
    Ready = 3,

    /// <summary>Server: both are sealed and checked, and mine is open.</summary>
    Go = 4,

    /// <summary>Client: mine is open.</summary>
    Up = 5,

    /// <summary>Either: no, and why.</summary>
    Reject = 6,

    /// <summary>Client, last of all: neither segment is mapped or held any more.</summary>
    Unmapped = 7,
}
