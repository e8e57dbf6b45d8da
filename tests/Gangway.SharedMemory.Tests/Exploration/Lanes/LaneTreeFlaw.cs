// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What senders or the receiver of a lane tree do wrong, to show that it is found.</summary>
internal enum LaneTreeFlaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A sender reads what was acknowledged before its own word.</summary>
    AckBeforeSet,

    /// <summary>A sender does not count, so a word may come back.</summary>
    NoCount,

    /// <summary>A sender that finds its lane pending does not go on to the root.</summary>
    NoHelpToTheRoot,

    /// <summary>A sender that finds a word pending leaves it to the other one to show that.</summary>
    NoHelpToShow,

    /// <summary>A sender goes from the root to the lane.</summary>
    RootFirst,

    /// <summary>A sender looks whether the receiver sleeps, and signals afterwards.</summary>
    RingsBeforeSignal,

    /// <summary>The receiver's last look before it sleeps leaves the roots out.</summary>
    LastLookWithoutLanes,

    /// <summary>The receiver looks at what the signals tell of, and takes them afterwards.</summary>
    LooksBeforeTake,

    /// <summary>When the senders are dead the receiver does not look once more.</summary>
    NoLookAfterDeath,
}
