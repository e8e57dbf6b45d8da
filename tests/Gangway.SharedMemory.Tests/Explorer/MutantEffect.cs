// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How a step is broken.</summary>
internal enum MutantEffect
{
    /// <summary>The store, copy or fence is left out.</summary>
    Skip,

    /// <summary>The compare-and-swap is atomic, but no longer a fence.</summary>
    SkipFence,

    /// <summary>The read is not done: the thread goes on with what it last saw there.</summary>
    Stale,

    /// <summary>The stores become visible only behind a later step.</summary>
    Late,

    /// <summary>The compare-and-swap is not done, and says that it succeeded.</summary>
    Pretend,
}
