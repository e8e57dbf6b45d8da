// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The threads that run what does not run on a loop's thread. One set for the process.</summary>
/// <remarks>
/// Handlers may block here for as long as they like: a thread that stays in one item does not count, and another one takes its
/// place. The .NET thread pool has no part in it: what the program does there does not keep us, and handlers do not keep
/// the program. <b>Threads:</b> any. <b>Allocates:</b> nothing, once the queue is as long as it gets.
/// <b>Cost:</b> two short locks an item, and a wake-up if no thread is awake.
/// </remarks>
internal static class WorkThreads
{
    // Design:
    //
    // A queue, and a stack of idle threads, under one lock that is held for some tens of nanoseconds, and never while a thread is
    // woken or made. Whoever queues wakes one idle thread, unless one that was woken has not looked at the queue yet. Who
    // takes an item and leaves others behind wakes the next: one wake-up for a burst of short ones, and in a burst of long ones
    // each thread wakes another before it begins. The last thread to go idle is woken first, so those that are too many sleep, and end.
    //
    // The set grows by the monitor only, so whoever queues never waits for a thread to be made: by one when every
    // thread is slow, so that the next item finds an idle one; and while items wait, to as many threads as there are processors
    // that are not slow.
    //
    // INVARIANT: while an item waits, a thread is awake that looks at the queue before it sleeps, or none is idle.
    // INVARIANT: while the monitor has to watch, it does not sleep: who makes it so calls TakeoverMonitor.NoteWork behind it.

    /// <summary>How many there may be, unless <see cref="Domain.MaxWorkThreads"/> says otherwise.</summary>
    internal const int DefaultMax = 512;

    /// <summary>So many in one tick, so that the monitor comes back to the loops.</summary>
    private const int StartsPerTick = 16;

    private const long RetryNs = 100_000_000;

    private static readonly int s_processors = Environment.ProcessorCount;
    private static readonly Lock s_lock = new();
    private static readonly Queue<IWorkItem> s_items = new();
    private static readonly List<WorkThread> s_idle = [];
    private static WorkThread[] s_threads = [];
    private static int s_max = DefaultMax;

    /// <summary>Whether a thread that was woken has not looked at the queue yet.</summary>
    private static bool s_isWaking;

    /// <summary>Whether the monitor may sleep; a copy of what the lock guards, for who looks without it.</summary>
    private static bool s_mustWatch;

    private static long s_retryTime;

    /// <summary>How many there may be at work. What is idle and too many ends after a while.</summary>
    internal static int Max
    {
        get => Volatile.Read(ref s_max);
        set
        {
            WorkThread? woken;
            bool mustWatch;
            lock (s_lock)
            {
                s_max = value;
                woken = TakeIdle();
                mustWatch = NoteChange();
            }

            woken?.Wake();
            if (mustWatch)
                TakeoverMonitor.NoteWork();
        }
    }

    /// <summary>How many there are, idle ones too.</summary>
    internal static int Count => Volatile.Read(ref s_threads).Length;

    /// <summary>How long one sleeps before it ends, in nanoseconds. Tests are shorter.</summary>
    internal static long IdleNsMax { get; set; } = 10_000_000_000;

    /// <summary>Whether the monitor must tick: something waits, or no thread is idle, and there may be one more.</summary>
    internal static bool MustWatch => Volatile.Read(ref s_mustWatch);

    /// <summary>Has something done, behind what was queued before.</summary>
    internal static void Queue(IWorkItem item)
    {
        WorkThread? woken;
        bool mustWatch;
        lock (s_lock)
        {
            s_items.Enqueue(item);
            woken = TakeIdle();
            mustWatch = NoteChange();
        }

        woken?.Wake();
        if (mustWatch)
            TakeoverMonitor.NoteWork();
    }

    /// <summary>The next item for a thread.</summary>
    /// <param name="thread">Whose.</param>
    /// <param name="wasWoken">Whether it was asleep.</param>
    /// <returns>Null when there is none: the thread is among the idle ones now.</returns>
    internal static IWorkItem? TakeNext(WorkThread thread, bool wasWoken)
    {
        WorkThread? woken = null;
        IWorkItem? item;
        bool mustWatch;
        lock (s_lock)
        {
            if (wasWoken)
                s_isWaking = false;
            if (s_items.TryDequeue(out item))
                woken = TakeIdle();
            else
                s_idle.Add(thread);
            mustWatch = NoteChange();
        }

        woken?.Wake();
        if (mustWatch)
            TakeoverMonitor.NoteWork();
        return item;
    }

    /// <summary>A thread was idle for long: it may end, unless few are left, or it is just being woken.</summary>
    internal static bool TryEnd(WorkThread thread)
    {
        lock (s_lock)
        {
            if (s_threads.Length <= Math.Min(s_processors, s_max) || !s_idle.Remove(thread))
                return false;
            Remove(thread);
            return true;
        }
    }

    /// <summary>The monitor looks, once a tick: starts threads if those that there are have no time.</summary>
    /// <returns>Whether it must come again.</returns>
    internal static bool Watch(long now)
    {
        if (!MustWatch)
            return false;
        int slow = 0;
        WorkThread[] threads = Volatile.Read(ref s_threads);
        foreach (WorkThread thread in threads)
            slow += thread.IsSlow(now) ? 1 : 0;
        for (int wanted = CountWanted(threads.Length, slow); wanted > 0 && now >= s_retryTime; wanted--)
        {
            if (!TryStart())
                s_retryTime = now + RetryNs;
        }

        return MustWatch;
    }

    private static int CountWanted(int count, int slow)
    {
        lock (s_lock)
        {
            int waiting = s_items.Count;
            int others = count - slow;
            int wanted = waiting == 0 ? (others == 0 && count != 0 ? 1 : 0)
                : others >= s_processors ? 0
                : Math.Min(waiting, Math.Max(s_processors - others, slow));
            return Math.Min(wanted, Math.Min(StartsPerTick, s_max - count));
        }
    }

    private static bool TryStart()
    {
        var thread = new WorkThread();
        lock (s_lock)
        {
            s_threads = [.. s_threads, thread];
            NoteChange();
        }

        try
        {
            thread.Start();
            return true;
        }
        catch (OutOfMemoryException)
        {
            // The kernel has none. Those that there are go on, and the monitor tries again.
            lock (s_lock)
                Remove(thread);
            return false;
        }
    }

    private static void Remove(WorkThread thread)
    {
        s_threads = [.. s_threads.Where(t => t != thread)];
        NoteChange();
    }

    /// <summary>The thread to wake, if one is needed. Under the lock.</summary>
    private static WorkThread? TakeIdle()
    {
        bool areAllInUse = s_threads.Length - s_idle.Count >= s_max;
        if (s_isWaking || s_items.Count == 0 || s_idle.Count == 0 || areAllInUse)
            return null;
        s_isWaking = true;
        WorkThread last = s_idle[^1];
        s_idle.RemoveAt(s_idle.Count - 1);
        return last;
    }

    private static bool NoteChange()
    {
        // Whoever is being woken comes to the queue in a moment, and then this is asked again.
        int count = s_threads.Length;
        bool mustWatch = count < s_max && !s_isWaking && (s_items.Count != 0 || (s_idle.Count == 0 && count != 0));
        Volatile.Write(ref s_mustWatch, mustWatch);
        return mustWatch;
    }
}
