// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Which operations have been slow, so that they no longer run on the thread of a reactor's loop.</summary>
/// <remarks>
/// An operation that took longer than <see cref="TooLongNs"/> once (or lost the loop), or longer than
/// <see cref="SlowNs"/> twice running, runs on its strand until it has been fast <see cref="FastRunsToForgive"/> times.
/// A run that was long because another thread had the processor is none of that.
/// <b>Threads:</b> inline runs are the loop's; everything else any, and an update that is lost to another is an observation
/// less. <b>Cost:</b> reading the clock costs 25 ns, so an operation that is known as fast is timed every sixteenth time, and
/// whenever the monitor ticked in it; what a thread has used costs 0.5 us, and is asked once a tick, and in the run after a
/// slow one.
/// </remarks>
internal sealed class OperationSpeeds
{
    internal const long QuickNs = 2_000;
    internal const long SlowNs = 50_000;
    internal const long TooLongNs = 1_000_000;
    internal const int FastRunsToForgive = 100;

    private const int Entries = 256;
    private const int TimedRuns = 16;

    private readonly Speed[] _speeds = new Speed[Entries];

    // The loop's thread.
    private ThreadUsage _usage;
    private long _usageTime;
    private long _usageTick = -1;
    private bool _isUsageStale;

    /// <summary>Whether an operation may run inline. Operations that share an entry share its fate.</summary>
    internal bool IsFast(uint operation) => !Volatile.Read(ref Of(operation).IsSlow);

    /// <summary>Whether an operation took no more than a moment when it was last timed: others may wait for a few such runs.</summary>
    internal bool IsQuick(uint operation) => Of(operation).IsQuick;

    /// <summary>Another thread has the loop from here on.</summary>
    internal void OnLoopTaken() => _usageTick = -1;

    /// <summary>The loop's thread sleeps for want of work, which is nobody's slowness: what it had used says nothing now.</summary>
    internal void OnLoopSleeps() => _isUsageStale = true;

    /// <summary>A handler is about to run inline.</summary>
    /// <returns>The time if this run is to be timed, else 0: for <see cref="EndInline"/>.</returns>
    internal long BeginInline(uint operation, long tick)
    {
        ref Speed speed = ref Of(operation);
        bool isSuspect = speed.IsSuspect;
        if (isSuspect || tick != _usageTick)
        {
            _usageTick = tick;
            _isUsageStale = false;
            _usage = ThreadUsage.Read();
            _usageTime = Deadline.Now;
        }

        uint runs = ++speed.Runs;
        return runs <= TimedRuns || runs % TimedRuns == 0 || isSuspect ? Deadline.Now : 0;
    }

    /// <summary>A handler that ran inline has returned.</summary>
    /// <param name="operation">Its operation.</param>
    /// <param name="started">What <see cref="BeginInline"/> gave.</param>
    /// <param name="tickBefore"><see cref="TakeoverMonitor.LastTick"/> at that time.</param>
    /// <param name="lostLoop">Whether the loop was taken meanwhile because of its length.</param>
    internal void EndInline(uint operation, long started, long tickBefore, bool lostLoop)
    {
        ref Speed speed = ref Of(operation);
        long took = 0;
        if (started != 0)
            took = Deadline.Now - started;
        else if (TakeoverMonitor.LastTick is var tick && tick != tickBefore)
            took = Deadline.Now - tick; // At least this long.

        if (started != 0 || took > QuickNs)
            speed.IsQuick = took <= QuickNs;
        if (lostLoop)
        {
            speed.MarkSlow();
        }
        else if (took <= SlowNs)
        {
            if (started != 0)
                speed.IsSuspect = false;
        }
        else if (speed.IsSuspect || took > TooLongNs)
        {
            // What it cost its neighbours may be others' doing; then the next run tells more.
            long own = OwnTime(took);
            if (own > (speed.IsSuspect ? SlowNs : TooLongNs / 2))
                speed.MarkSlow();
            else
                speed.IsSuspect = true;
        }
        else
        {
            speed.IsSuspect = true;
        }
    }

    /// <summary>A handler that ran on its strand, because it is slow, took this long.</summary>
    internal void NoteOnStrand(uint operation, long nanoseconds)
    {
        ref Speed speed = ref Of(operation);
        if (!speed.IsSlow)
            return;
        if (nanoseconds > SlowNs)
        {
            speed.FastRuns = 0;
        }
        else if (++speed.FastRuns >= FastRunsToForgive)
        {
            speed.Runs = 0;
            Volatile.Write(ref speed.IsSlow, false);
        }
    }

    /// <summary>What followed an await in a handler took this long, wherever it ran.</summary>
    internal void NoteContinuation(uint operation, long nanoseconds)
    {
        if (nanoseconds <= SlowNs)
            return;
        ref Speed speed = ref Of(operation);
        speed.FastRuns = 0;
        if (nanoseconds > TooLongNs)
            Volatile.Write(ref speed.IsSlow, true);
    }

    /// <summary>
    /// How much of a run was the handler's own: less what another thread had the processor for; all if it slept; 0 if the
    /// loop has slept since its usage was asked, and the next run tells.
    /// </summary>
    private long OwnTime(long took)
    {
        if (_isUsageStale)
            return 0;
        ThreadUsage now = ThreadUsage.Read();
        if (now.Sleeps != _usage.Sleeps)
            return took;
        long lost = Deadline.Now - _usageTime - (now.CpuNs - _usage.CpuNs);
        return took - lost;
    }

    private ref Speed Of(uint operation) => ref _speeds[operation % Entries];

    private struct Speed
    {
        internal uint Runs;
        internal int FastRuns;
        internal bool IsSuspect;
        internal bool IsQuick;
        internal bool IsSlow;

        internal void MarkSlow()
        {
            IsSuspect = false;
            FastRuns = 0;
            Volatile.Write(ref IsSlow, true);
        }
    }
}
