// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How a loop can be taken over wrongly.</summary>
internal enum TakeoverFlaw
{
    None,

    /// <summary>The word has no number: each handler looks like the one before it.</summary>
    NoNumber,

    /// <summary>After a handler the word is written back, not swapped.</summary>
    WritesBack,

    /// <summary>The loop's state is put in order behind the word that lets another thread have it.</summary>
    EntersEarly,

    /// <summary>The standby is woken, then assigned.</summary>
    WakesBeforeAssigned,

    /// <summary>The loop is given away, then taken.</summary>
    HandsOverBeforeSwap,

    /// <summary>Handlers run on the loop's thread although nobody stands by.</summary>
    RunsWithoutStandby,

    /// <summary>A thread stands by although its handler has not ended.</summary>
    ReturnsEarly,

    /// <summary>The old thread touches the loop once more.</summary>
    TouchesAfterLoss,

    /// <summary>The standby looks at its assignment, then at its parking word.</summary>
    LooksBeforeWord,
}
