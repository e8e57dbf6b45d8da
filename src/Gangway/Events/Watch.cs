// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where the wake-ups of a source arrive: an entry of its <see cref="WatchList"/>.</summary>
/// <remarks>Source: the entries of a Linux wait queue.</remarks>
internal abstract class Watch
{
    /// <summary>Whether a wake-up that reaches somebody who sleeps here goes no further. The same for life.</summary>
    internal abstract bool IsExclusive { get; }

    /// <summary>The source woke up. Any thread; never blocks, and allocates nothing.</summary>
    /// <param name="events">What for: the bits of <c>EPOLLIN</c> and its like.</param>
    /// <returns>Whether somebody slept here.</returns>
    internal abstract bool Wake(uint events);

    /// <summary>The source has ended: it leaves.</summary>
    internal virtual void OnSourceEnded()
    {
    }
}
