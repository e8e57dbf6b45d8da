// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Whether the last wait was so short that polling the next one pays.</summary>
/// <remarks>
/// A wait that was slept through contains two wake-ups, the peer's and ours, that polling would not have had; so "short"
/// is up to twice what a wake-up costs. A pair that talks without pause leaves the sleeping mode again after one such
/// wait; a pair that talks once in a millisecond stays in it on the side that waits long.
/// </remarks>
internal struct WaitHistory
{
    private bool _wasLong;

    /// <summary>Whether to poll before sleeping.</summary>
    internal readonly bool PollingPays => !Volatile.Read(in _wasLong);

    /// <summary>Notes how long a wait took.</summary>
    internal void Note(long nanoseconds)
    {
        bool isLong = nanoseconds > 2 * WakeCost.Nanoseconds;
        if (isLong != _wasLong)
            Volatile.Write(ref _wasLong, isLong);
    }
}
