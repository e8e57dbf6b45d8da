// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What those who use the reply lanes and cancels do wrong, to show that it is found.</summary>
internal enum LaneFlaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The reactor's last look before it sleeps leaves the lanes, or the cancels, out.</summary>
    LastLookWithoutLanes,

    /// <summary>The reactor looks at the slots first and acknowledges what it found pending afterwards.</summary>
    LooksBeforeTake,

    /// <summary>The replier looks whether the caller's reactor sleeps, and signals afterwards.</summary>
    RingsBeforeSignal,

    /// <summary>The reactor looks at the slots first and notes the count of cancels afterwards.</summary>
    LooksBeforeCount,
}
