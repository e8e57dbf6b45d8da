// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>Why a side closed, as its segment says: section 7 of docs/PROTOCOL.md.</summary>
internal enum CloseReason : uint
{
    /// <summary>It did not close.</summary>
    None,

    /// <summary>The application closed it.</summary>
    Closed,

    /// <summary>The other side broke the protocol.</summary>
    PeerFault,

    /// <summary>The other side's process ended.</summary>
    PeerGone,

    /// <summary>The listener was disposed.</summary>
    ListenerClosed,

    /// <summary>The side that closed had an error of its own.</summary>
    LocalFault,

    /// <summary>The listener revoked the peer.</summary>
    Revoked,
}
