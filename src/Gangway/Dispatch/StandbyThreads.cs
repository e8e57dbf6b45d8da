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

    private static readonly Lock s_lock = new();
    private static readonly Stack<LoopThread> s_idle = new();
    private static int s_max = DefaultMax;
    private static int s_threads;
    private static int s_loops;
    private static bool s_mayReserve = true;

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

    /// <summary>Starts the loop of a reactor.</summary>
    internal static void StartLoop(Reactor reactor)
    {
        NoteLoop();
        StandIn(reactor);
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

    /// <summary>Gives a loop that is nobody's a thread: there is one for each loop.</summary>
    internal static void StandIn(Reactor reactor)
    {
        LoopThread? thread;
        lock (s_lock)
        {
            if (!s_idle.TryPop(out thread))
                s_threads++;
            NoteChange();
        }

        (thread ?? new LoopThread()).Assign(reactor);
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
    /// <returns>Null when as many as allowed are in use.</returns>
    internal static LoopThread? TryReserve()
    {
        lock (s_lock)
        {
            // By what is in use: there may be more idle ones, from a time when more were allowed.
            if (!IsAnyLeft)
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

    /// <summary>Puts a thread back that was reserved and not needed.</summary>
    internal static void PutBack(LoopThread thread)
    {
        lock (s_lock)
        {
            s_idle.Push(thread);
            NoteChange();
        }
    }

    /// <summary>A thread has nothing to do any more: it comes back.</summary>
    /// <returns>False when there are more than allowed: the thread ends.</returns>
    internal static bool TryReturn(LoopThread thread)
    {
        lock (s_lock)
        {
            bool stays = s_threads <= s_max + s_loops;
            if (stays)
                s_idle.Push(thread);
            else
                s_threads--;
            NoteChange();
            return stays;
        }
    }

    private static void NoteChange() => Volatile.Write(ref s_mayReserve, IsAnyLeft);
}
