// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a node gave that the port had taken out of its queue.</summary>
internal enum Delivered
{
    /// <summary>Nothing was pending, or it is masked.</summary>
    Nothing,

    /// <summary>A packet; the next signal links it again.</summary>
    Once,

    /// <summary>A packet, and it is still linked: it goes back when this wait is over.</summary>
    AgainNextTime,

    /// <summary>Its binding had ended while it was linked: its number is free now.</summary>
    Dropped,
}
