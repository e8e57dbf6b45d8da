// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The wake meters of all peers of one reactor: what is usual here.</summary>
/// <remarks><b>Threads:</b> safe; a lock, taken when connections come and go, and once in 240 wakes of a peer.</remarks>
internal sealed class WakeMeters
{
    /// <summary>How many times the usual a wake must cost.</summary>
    internal const int Factor = 8;

    /// <summary>And how much at least, in nanoseconds.</summary>
    internal const long LeastNs = 50_000;

    /// <summary>As many others are looked at as say what is usual; more would only take longer.</summary>
    private const int LooksMax = 32;

    private readonly Lock _lock = new();
    private readonly List<WakeMeter> _meters = [];
    private int _next;

    /// <summary>A meter for a peer that has come.</summary>
    internal WakeMeter Add()
    {
        var meter = new WakeMeter(this);
        lock (_lock)
            _meters.Add(meter);
        return meter;
    }

    /// <summary>The peer has gone.</summary>
    internal void Remove(WakeMeter meter)
    {
        lock (_lock)
            _meters.Remove(meter);
    }

    /// <summary>Whether a peer's median is far above the median of the others'. A peer alone is never: it delays nobody.</summary>
    internal bool IsFarAbove(WakeMeter meter)
    {
        long median = meter.MedianNanoseconds;
        if (median <= LeastNs)
            return false;

        Span<long> others = stackalloc long[LooksMax];
        int count = 0;
        lock (_lock)
        {
            // From another place each time, so that among many peers no few decide for ever.
            for (int i = 0; i < _meters.Count && count < LooksMax; i++)
            {
                WakeMeter other = _meters[(_next + i) % _meters.Count];
                if (other != meter && other.MedianNanoseconds != 0)
                    others[count++] = other.MedianNanoseconds;
            }

            _next = _meters.Count == 0 ? 0 : (_next + LooksMax) % _meters.Count;
        }

        return count != 0 && median > Factor * WakeMeter.Median(others[..count]);
    }
}
