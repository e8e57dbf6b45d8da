// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>What became of a look at a reply slot.</summary>
internal enum ReplyRead
{
    /// <summary>The reply is not there yet.</summary>
    Pending,

    /// <summary>The reply was copied out.</summary>
    Taken,

    /// <summary>The slot holds something that no honest replier writes. End the connection.</summary>
    PeerFault,
}
