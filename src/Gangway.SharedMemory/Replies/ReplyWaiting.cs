// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>How a caller waits for one reply: the low two bits of its word, beside which bit 2 says that it has cancelled.</summary>
internal enum ReplyWaiting : uint
{
    /// <summary>It polls the slot: nobody need be told.</summary>
    Polling,

    /// <summary>It sleeps on the reply's first word.</summary>
    Parked,

    /// <summary>It has gone on, and its reactor wants to be told.</summary>
    Announce,
}
