// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What a port and those who watch it could do wrongly, to show that it is found.</summary>
internal enum WatchFlaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Who finds the baton held leaves no mark.</summary>
    LeavesNoMark,

    /// <summary>Who came for packets in vain is not told of those that are left.</summary>
    TellsNoTaker,

    /// <summary>Who took packets does not ring for who came to look.</summary>
    RingsForNobody,

    /// <summary>Who looked does not look once more for who came to look.</summary>
    LooksOnce,

    /// <summary>Who looked rings for who came to look: for itself as well.</summary>
    RingsForLookers,

    /// <summary>The loop does not rest when the baton is let go.</summary>
    RestsNot,

    /// <summary>It says that it sleeps, and looks at once what was asked.</summary>
    RestsWithoutFence,

    /// <summary>It says that it sleeps, and does not look again.</summary>
    RestsWithoutLook,

    /// <summary>A loop that has something to do is left to nobody.</summary>
    HandsNothingOver,
}
