// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>Why a handshake was refused: section 2.4 of docs/PROTOCOL.md.</summary>
internal enum RejectCode : uint
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>A packet breaks the protocol.</summary>
    Malformed = 1,

    /// <summary>No common version.</summary>
    Version = 2,

    /// <summary>The listener does not admit this user.</summary>
    NotPermitted = 3,

    /// <summary>Something is used up.</summary>
    Overloaded = 4,

    /// <summary>The geometry is larger than the client wants.</summary>
    Limits = 5,

    /// <summary>Not the same kernel.</summary>
    OtherMachine = 6,

    /// <summary>The listener is being disposed.</summary>
    Closing = 7,

    /// <summary>Seals or pages are not as they must be.</summary>
    Memory = 8,

    /// <summary>It took too long.</summary>
    TimedOut = 9,

    /// <summary>A later attempt of the same endpoint came before.</summary>
    Stale = 10,

    /// <summary>The disconnect before is not over at the listening side.</summary>
    NotYet = 11,

    /// <summary>The contracts differ.</summary>
    Contract = 12,
}
