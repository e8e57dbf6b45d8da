// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Something that is ready or not, and says when that may have changed.</summary>
/// <remarks>Source: what <c>file_operations.poll</c> is to Linux: an event mask and a wait queue.</remarks>
internal interface IReadinessSource
{
    /// <summary>Who hears when it wakes up.</summary>
    ref WatchList Watches { get; }

    /// <summary>What it is ready for now: the bits of <c>EPOLLIN</c> and its like. Any thread.</summary>
    uint Look();
}
