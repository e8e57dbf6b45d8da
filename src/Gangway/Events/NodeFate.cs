// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What becomes of a node that the port has taken out of its queue.</summary>
internal enum NodeFate
{
    /// <summary>It is linked no more, until the next signal; the port must not touch it.</summary>
    LetGo,

    /// <summary>It is linked still, and goes to the end of its queue.</summary>
    GoesBack,

    /// <summary>Its binding ended while it was linked: its number is free.</summary>
    Dropped,
}
