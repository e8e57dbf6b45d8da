// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What waking one peer costs: counted each time, timed now and then, judged by the median.</summary>
/// <remarks>
/// A hostile peer can make its wake-ups dear (a thousand epolls on its socket: 100 us each). Around a wake:
/// <code>
/// if (!meter.TryBegin(out long started)) { owe the bell; return; }   // the reactor rings again after a millisecond
/// wake
/// meter.End(started);
/// </code>
/// <b>Threads:</b> any; lost updates only make the estimate older. <b>Allocates:</b> nothing. <b>Cost:</b> one locked
/// increment; the clock twice in each <see cref="WakesPerSample"/>th wake.
/// </remarks>
internal sealed class WakeMeter(WakeMeters others)
{
    // Design:
    //
    // A mean, or one sample, would call a waker hostile that was preempted in the middle of its call. So: the last 15
    // samples, their median, and a comparison with the medians of the other peers, which the same machine and the same load
    // made. A peer that is judged dear goes on to be timed at each of its wakes, now at most one in a millisecond, so that it
    // is believed again after 8 cheap ones.

    /// <summary>Each so many wakes one is timed.</summary>
    internal const int WakesPerSample = 16;

    /// <summary>How many samples the median is of.</summary>
    internal const int Samples = 15;

    /// <summary>How far apart the wakes of a dear peer are.</summary>
    internal const long ApartNs = 1_000_000;

    private readonly long[] _samples = new long[Samples];
    private long _wakes;
    private int _taken;
    private long _median;
    private long _lastWake = long.MinValue / 2;
    private bool _isDear;

    /// <summary>How often the peer was woken.</summary>
    internal long Wakes => Volatile.Read(ref _wakes);

    /// <summary>The median of the last samples in nanoseconds; 0 while there are not enough.</summary>
    internal long MedianNanoseconds => Volatile.Read(ref _median);

    /// <summary>Whether its wakes are coalesced to one in a millisecond.</summary>
    internal bool IsDear => Volatile.Read(ref _isDear);

    /// <summary>Asks for one wake.</summary>
    /// <param name="started">What to give to <see cref="End"/>: when the wake starts, or 0 if this one is not timed.</param>
    /// <returns>False when a dear peer was woken less than a millisecond ago: wake it later, once for all.</returns>
    internal bool TryBegin(out long started) => TryBegin(0, out started);

    /// <summary>The wake has returned.</summary>
    internal void End(long started)
    {
        if (started != 0)
            Note(Deadline.Now - started);
    }

    /// <inheritdoc cref="TryBegin(out long)"/>
    /// <param name="now">The time, for tests; 0 reads the clock if it is needed.</param>
    /// <param name="started">As there.</param>
    internal bool TryBegin(long now, out long started)
    {
        started = 0;
        bool isDear = IsDear;
        if (isDear)
        {
            now = now == 0 ? Deadline.Now : now;
            long last = Volatile.Read(ref _lastWake);
            if (now - last < ApartNs || Interlocked.CompareExchange(ref _lastWake, now, last) != last)
                return false;
        }

        long number = Interlocked.Increment(ref _wakes);
        if (isDear || number % WakesPerSample == 0)
            started = now == 0 ? Deadline.Now : now;
        return true;
    }

    /// <summary>Takes a sample.</summary>
    internal void Note(long nanoseconds)
    {
        int taken = Interlocked.Increment(ref _taken);
        Volatile.Write(ref _samples[(uint)taken % Samples], nanoseconds);

        // While cheap a whole window between two judgements; while dear each sample, which are rare then.
        if (taken < Samples || (!IsDear && taken % Samples != 0))
            return;
        Span<long> sorted = stackalloc long[Samples];
        _samples.CopyTo(sorted);
        Volatile.Write(ref _median, Median(sorted));
        Volatile.Write(ref _isDear, others.IsFarAbove(this));
    }

    /// <summary>The middle one; the lower of two.</summary>
    internal static long Median(Span<long> values)
    {
        values.Sort();
        return values[(values.Length - 1) / 2];
    }
}
