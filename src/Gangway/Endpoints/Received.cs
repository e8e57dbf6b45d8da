// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What became of a delivery, and of the loop that it came through.</summary>
internal enum Received
{
    /// <summary>The delivery is the loop's again.</summary>
    Kept,

    /// <summary>The delivery is somebody else's, or has been given back. The loop takes another.</summary>
    Passed,

    /// <summary>A handler cost this thread the loop: it touches nothing of it any more.</summary>
    LostLoop,
}
