// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What a step of a random program does.</summary>
internal enum StepKind
{
    /// <summary>Stores a value.</summary>
    Store,

    /// <summary>Loads, and remembers what it saw.</summary>
    Load,

    /// <summary>A full fence.</summary>
    Fence,

    /// <summary>Swaps a value for the one that is one less, and remembers what it saw.</summary>
    Swap,

    /// <summary>Counts an event in the kernel.</summary>
    Signal,

    /// <summary>Remembers how many events there were.</summary>
    Count,

    /// <summary>Blocks until there was an event.</summary>
    Await,

    /// <summary>Remembers whether the first thread's process is dead.</summary>
    IsDead,
}
