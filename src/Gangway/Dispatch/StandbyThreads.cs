// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The threads that run loops, and those that stand by to take one over. One set for the process.</summary>
/// <remarks>
/// A loop runs handlers on its own thread only while it has reserved one of these; with none left everything goes to
/// strands, so a flood of blocking handlers costs a bounded number of threads.
/// </remarks>
internal static class StandbyThreads
{
    /// <summary>How many stand by at most, unless <see cref="Domain.MaxStandbyThreads"/> says otherwise.</summary>
    internal const int DefaultMax = 16;

    private const long RetryNs = 10_000_000;

    private static readonly Lock s_lock = new();
    private static readonly Stack<LoopThread> s_idle = new();

    /// <summary>Loops that are nobody's because the system had no thread: the first that comes back takes one.</summary>
    private static readonly Queue<Reactor> s_waiting = new();
    private static int s_max = DefaultMax;
    private static int s_threads;
    private static int s_loops;
    private static bool s_mayReserve = true;
    private static bool s_mustWatch;
    private static long s_retryTime;

    /// <summary>How many there may be beside one for each loop.</summary>
    internal static int Max
    {
        get => Volatile.Read(ref s_max);
        set
        {
            lock (s_lock)
            {
                s_max = value;
                NoteChange();
            }
        }
    }

    private static bool IsAnyLeft => s_threads - s_idle.Count < s_max + s_loops;

    /// <summary>Whether a <see cref="TryReserve"/> is worth its lock. A hint.</summary>
    internal static bool MayReserve => Volatile.Read(ref s_mayReserve);

    /// <summary>How many there are, those that run loops too.</summary>
    internal static int Count => Volatile.Read(ref s_threads);

    /// <summary>Whether a loop waits for a thread.</summary>
    internal static bool MustWatch => Volatile.Read(ref s_mustWatch);

    /// <summary>Starts the loop of a reactor.</summary>
    /// <returns>False when the system gives no thread: nothing was done.</returns>
    internal static bool TryStartLoop(Reactor reactor)
    {
        NoteLoop();
        if (TryStandIn(reactor))
            return true;
        EndLoop();
        return false;
    }

    /// <summary>There is a loop more, which need not have a thread.</summary>
    internal static void NoteLoop()
    {
        lock (s_lock)
        {
            s_loops++;
            NoteChange();
        }
    }

    /// <summary>
    /// Gives a loop that is nobody's a thread: there is one for each loop. If the system has none, the loop gets the first that
    /// comes back, or that the monitor can make.
    /// </summary>
    internal static void StandIn(Reactor reactor)
    {
        if (TryStandIn(reactor))
            return;
        lock (s_lock)
        {
            s_waiting.Enqueue(reactor);
            NoteChange();
        }

        TakeoverMonitor.NoteAwake();
    }

    /// <summary>The monitor looks, once a tick: whether there is a thread now for a loop that waits for one.</summary>
    /// <returns>Whether it must come again.</returns>
    internal static bool Watch(long now)
    {
        if (!MustWatch)
            return false;
        Reactor? reactor;
        lock (s_lock)
        {
            if (now < s_retryTime || !s_waiting.TryDequeue(out reactor))
                return true;
            s_retryTime = now + RetryNs;
            NoteChange();
        }

        StandIn(reactor);
        return true;
    }

    /// <summary>A reactor has stopped.</summary>
    internal static void EndLoop()
    {
        lock (s_lock)
        {
            s_loops--;
            NoteChange();
        }
    }

    /// <summary>Takes a thread out of the set, or makes one.</summary>
    /// <returns>Null when as many as allowed are in use, or the system gives none.</returns>
    internal static LoopThread? TryReserve() => Take(isBounded: true);

    /// <summary>Puts a thread back that was reserved and not needed.</summary>
    internal static void PutBack(LoopThread thread) => TryReturn(thread, mayEnd: false);

    /// <summary>A thread has nothing to do any more: it comes back.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="mayEnd">Whether it ends if there are more than allowed.</param>
    /// <returns>False when it ends.</returns>
    internal static bool TryReturn(LoopThread thread, bool mayEnd = true)
    {
        Reactor? reactor;
        lock (s_lock)
        {
            bool stays = s_waiting.TryDequeue(out reactor);
            if (!stays)
            {
                stays = !mayEnd || s_threads <= s_max + s_loops;
                if (stays)
                    s_idle.Push(thread);
                else
                    s_threads--;
            }

            NoteChange();
            if (reactor is null)
                return stays;
        }

        thread.Assign(reactor);
        return true;
    }

    private static bool TryStandIn(Reactor reactor)
    {
        if (Take(isBounded: false) is not { } thread)
            return false;
        thread.Assign(reactor);
        return true;
    }

    /// <summary>A thread that is idle, or a new one; null when the system gives none.</summary>
    private static LoopThread? Take(bool isBounded)
    {
        lock (s_lock)
        {
            // By what is in use: there may be more idle ones, from a time when more were allowed.
            if (isBounded && !IsAnyLeft)
                return null;
            bool found = s_idle.TryPop(out LoopThread? idle);
            if (!found)
                s_threads++;
            NoteChange();
            if (found)
                return idle;
        }

        try
        {
            return new LoopThread();
        }
        catch (OutOfMemoryException)
        {
            // What the runtime says when the kernel gives no thread. One less to have: handlers go to their strands.
            lock (s_lock)
            {
                s_threads--;
                NoteChange();
            }

            return null;
        }
    }

    private static void NoteChange()
    {
        Volatile.Write(ref s_mayReserve, IsAnyLeft);
        Volatile.Write(ref s_mustWatch, s_waiting.Count != 0);
    }
}
