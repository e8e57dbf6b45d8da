// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Which operations have been slow, so that they no longer run on the thread of a reactor's loop.</summary>
/// <remarks>
/// An operation that took longer than <see cref="TooLongNs"/> once (or lost the loop), or longer than
/// <see cref="SlowNs"/> twice running, runs on its strand until it has been fast <see cref="FastRunsToForgive"/> times.
/// A run that was long because another process had the processor is none of that.
/// <b>Threads:</b> any; an update that is lost to another is an observation less. <b>Cost:</b> reading the clock costs 25 ns,
/// so an operation that is known as fast is timed every sixteenth time, and whenever the monitor ticked in it.
/// </remarks>
internal sealed class OperationSpeeds
{
    internal const long SlowNs = 50_000;
    internal const long TooLongNs = 1_000_000;
    internal const int FastRunsToForgive = 100;

    private const int Entries = 256;
    private const int SlowRunsMax = 2;
    private const int TimedRuns = 16;

    private readonly Speed[] _speeds = new Speed[Entries];

    /// <summary>How long the loop's thread had waited for a processor when it was last asked.</summary>
    private long _waitNs;

    /// <summary>Whether an operation may run inline. Operations that share an entry share its fate.</summary>
    internal bool IsFast(uint operation) => !Volatile.Read(ref Of(operation).IsSlow);

    /// <summary>A handler is about to run inline.</summary>
    /// <returns>The time if this run is to be timed, else 0: for <see cref="EndInline"/>.</returns>
    internal long BeginInline(uint operation)
    {
        ref Speed speed = ref Of(operation);
        int runs = ++speed.Runs;
        return runs <= TimedRuns || runs % TimedRuns == 0 || speed.SlowRuns != 0 ? Deadline.Now : 0;
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

        if (took > SlowNs)
            speed.SlowRuns++;
        else if (started != 0)
            speed.SlowRuns = 0;

        bool isSlow = lostLoop || speed.SlowRuns >= SlowRunsMax || (took > TooLongNs && !MayHaveBeenPreempted(took));
        if (!isSlow)
            return;
        speed.SlowRuns = 0;
        speed.FastRuns = 0;
        Volatile.Write(ref speed.IsSlow, true);
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

    /// <summary>Whether, since this was last asked, this thread waited for a processor as long as that: the machine is busy.</summary>
    private bool MayHaveBeenPreempted(long took)
    {
        if (!ThreadActivity.TryRead(Scheduler.ThreadId(), out ThreadActivity activity))
            return false;
        long waited = activity.WaitNs - _waitNs;
        _waitNs = activity.WaitNs;
        return waited > took / 2;
    }

    private ref Speed Of(uint operation) => ref _speeds[operation % Entries];

    private struct Speed
    {
        internal int Runs;
        internal int SlowRuns;
        internal int FastRuns;
        internal bool IsSlow;
    }
}
