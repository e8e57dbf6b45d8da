// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What a handler of a <see cref="TakeoverScenario"/> does.</summary>
internal enum HandlerKind
{
    /// <summary>It returns at once.</summary>
    Quick,

    /// <summary>It is blocked until the loop has come to the next handler, and nobody knows.</summary>
    Blocked,

    /// <summary>It is blocked until the loop has come to its last handler.</summary>
    Long,

    /// <summary>It waits for the next handler, and gives the loop away first.</summary>
    Waits,
}
