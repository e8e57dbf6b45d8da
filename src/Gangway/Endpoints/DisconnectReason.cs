// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Why a connection ended.</summary>
public enum DisconnectReason
{
    /// <summary>It has not ended.</summary>
    None = 0,

    /// <summary>One of the two applications closed it.</summary>
    Closed = 1,

    /// <summary>
    /// The peer broke the protocol, or sent a message that it is not permitted (<see cref="ListenerOptions.Permit"/>).
    /// <see cref="Endpoint.DisconnectDetail"/> says how, or which.
    /// </summary>
    PeerFault = 2,

    /// <summary>The peer's process ended, or its socket hung up without a word.</summary>
    PeerGone = 3,

    /// <summary>The listener was disposed.</summary>
    ListenerClosed = 4,

    /// <summary>The peer found an error of its own, or says that we broke the protocol.</summary>
    ClosedByPeerFault = 5,

    /// <summary>This process had no descriptors or memory left to wait for the peer.</summary>
    LocalFault = 6,

    /// <summary>The listening side revoked this peer: <see cref="Listener.Revoke"/>.</summary>
    Revoked = 7,
}
