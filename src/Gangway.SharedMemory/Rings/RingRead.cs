// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>What became of a read.</summary>
internal enum RingRead
{
    /// <summary>There was no record.</summary>
    Empty,

    /// <summary>One record was copied out, and its space given back.</summary>
    Record,

    /// <summary>The ring holds something that no honest writer writes. End the connection.</summary>
    PeerFault,
}
