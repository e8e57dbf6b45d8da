// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>What the monitor remembers of one place where handlers run: whether the one that runs is slow. The monitor's thread only.</summary>
internal struct HandlerWatch
{
    /// <summary>A handler that was seen so often is slow whatever its thread waited for.</summary>
    private const int SightingsMax = 16;

    private ulong _watched;
    private int _sightings;
    private ThreadActivity _activity;
    private long _activityTime;

    /// <summary>Looks, once a tick: slow is what is seen three times, and has run or slept meanwhile; it stays so until it ends.</summary>
    /// <param name="seen">Which handler runs: never the same for two.</param>
    /// <param name="isInHandler">Whether one runs.</param>
    /// <param name="threadId">On which thread.</param>
    /// <param name="now">The time.</param>
    internal bool IsSlow(ulong seen, bool isInHandler, int threadId, long now)
    {
        if (seen != _watched || !isInHandler)
        {
            _watched = seen;
            _sightings = 1;
            return false;
        }

        if (_sightings > SightingsMax)
            return true;
        if (++_sightings == 2)
        {
            ThreadActivity.TryRead(threadId, out _activity);
            _activityTime = now;
            return false;
        }

        if (_sightings <= SightingsMax && WasPreempted(threadId, now))
            return false;
        _sightings = SightingsMax + 1;
        return true;
    }

    /// <summary>
    /// Whether the thread spent most of the time since the last look waiting for a processor. Then its handler is not slow, the
    /// machine is busy, and another thread would fare no better.
    /// </summary>
    private bool WasPreempted(int threadId, long now)
    {
        if (!ThreadActivity.TryRead(threadId, out ThreadActivity activity))
            return false;
        bool wasPreempted = activity.WaitNs - _activity.WaitNs > (now - _activityTime) / 2;
        _activity = activity;
        _activityTime = now;
        return wasPreempted;
    }
}
