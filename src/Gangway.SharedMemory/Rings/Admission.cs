// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Whether a record may be sent now.</summary>
internal enum Admission
{
    /// <summary>Its space and credit are taken: it will fit.</summary>
    Admitted,

    /// <summary>The ring has no room for it, or the message credits are used up.</summary>
    Refused,

    /// <summary>The peer's head or count of completed messages is a lie. End the connection.</summary>
    PeerFault,
}
