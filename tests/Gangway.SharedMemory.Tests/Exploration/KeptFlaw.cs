// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What <see cref="KeptScenario"/> does wrongly.</summary>
internal enum KeptFlaw
{
    None,

    /// <summary>The handler's thread looks whether it still has the loop, and notes its reply then.</summary>
    LooksBeforeKeep,

    /// <summary>The handler's thread does not look whether it still has the loop.</summary>
    KeepsWithoutLook,

    /// <summary>Whoever takes the loop does not look what its thread has kept.</summary>
    TakesWithoutLook,

    /// <summary>A thread that lost the loop in the middle of its handler leaves what it had kept to nobody.</summary>
    LeavesWhatItKept,

    /// <summary>The loop does not tell of what it kept before it sleeps.</summary>
    SleepsWithoutTelling,
}
