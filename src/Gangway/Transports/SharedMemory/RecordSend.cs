// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What became of a record, and what its sender does next.</summary>
internal enum RecordSend
{
    /// <summary>It is in the ring. The sender looks whether the reader sleeps.</summary>
    Written,

    /// <summary>It is in the outbox, and the baton's holder writes it and looks whether the reader sleeps.</summary>
    Queued,

    /// <summary>The sender has done its share for others. It gives the baton to the reactor, and looks as well.</summary>
    HandToReactor,

    /// <summary>There is no room. Nothing was queued.</summary>
    Refused,

    /// <summary>The peer's head or count of completed messages is a lie. End the connection.</summary>
    PeerFault,
}
