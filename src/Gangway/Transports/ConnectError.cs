// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Why an address could not be served or reached.</summary>
public enum ConnectError
{
    /// <summary>Nothing has that name.</summary>
    NotFound = 1,

    /// <summary>The name is there, but its server is dead.</summary>
    NotServed = 2,

    /// <summary>The kernel or the listener does not admit this user.</summary>
    NotPermitted = 3,

    /// <summary>A living process serves that name already.</summary>
    InUse = 4,

    /// <summary>No answer within the time allowed.</summary>
    TimedOut = 5,

    /// <summary>The listener, the share of this user, or this process has no room for one more. The message names the limit.</summary>
    Overloaded = 6,

    /// <summary>The two sides speak no common version, or run on different kernels.</summary>
    Incompatible = 7,

    /// <summary>The other side broke the protocol, or ended, during the handshake.</summary>
    HandshakeFailed = 8,

    /// <summary>A system call failed.</summary>
    System = 9,
}
