// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What a thread's stores look like to the other threads.</summary>
internal enum MemoryModel
{
    /// <summary>Each thread has a store buffer, first in first out: what x86 does, and the weakest that a fence ends.</summary>
    TotalStoreOrder,

    /// <summary>Stores are visible at once. Used to show that it is the store buffers that find a missing fence.</summary>
    SequentialConsistency,
}
