// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Looks every millisecond whether a handler keeps the loop of its reactor, and gives the loop to another thread.</summary>
/// <remarks>
/// One thread for the process. It sleeps when no reactor was awake for ten milliseconds, so nothing runs when nobody talks.
/// </remarks>
internal static class TakeoverMonitor
{
    // Design:
    //
    // A reactor that wakes marks itself awake, fences, and reads s_isAsleep; the monitor writes s_isAsleep, fences, and
    // looks at every reactor once more. So at least one of the two sees the other, and no awake reactor is unwatched.

    private const long TickNs = 1_000_000;
    private const int QuietTicksMax = 10;

    private static readonly Lock s_lock = new();
    private static readonly ParkingWord s_wake = new();
    private static Reactor[] s_reactors = [];
    private static bool s_isStarted;
    private static bool s_isAsleep;
    private static long s_lastTick;

    /// <summary>When the monitor last ticked: a clock that costs nothing to read, and is late by up to a tick.</summary>
    internal static long LastTick => Volatile.Read(ref s_lastTick);

    /// <summary>Watches a reactor from now on.</summary>
    internal static void Add(Reactor reactor)
    {
        lock (s_lock)
        {
            s_reactors = [.. s_reactors, reactor];
            if (s_isStarted)
                return;
            s_isStarted = true;
            new Thread(Run) { Name = "gangway-monitor", IsBackground = true }.UnsafeStart();
        }
    }

    /// <summary>Watches a reactor no more.</summary>
    internal static void Remove(Reactor reactor)
    {
        lock (s_lock)
            s_reactors = [.. s_reactors.Where(r => r != reactor)];
    }

    /// <summary>A reactor has marked itself awake.</summary>
    internal static void NoteAwake()
    {
        Interlocked.MemoryBarrier();
        if (!Volatile.Read(ref s_isAsleep))
            return;
        Volatile.Write(ref s_isAsleep, false);
        s_wake.Bump();
        s_wake.Wake(1);
    }

    private static void Run()
    {
        int quietTicks = 0;
        while (true)
        {
            s_wake.Wait(s_wake.Value, Deadline.Now + TickNs);
            long now = Deadline.Now;
            Volatile.Write(ref s_lastTick, now);
            bool anyAwake = false;
            foreach (Reactor reactor in Volatile.Read(ref s_reactors))
                anyAwake |= reactor.Watch(now);

            quietTicks = anyAwake ? 0 : quietTicks + 1;
            if (quietTicks >= QuietTicksMax)
            {
                Sleep();
                quietTicks = 0;
            }
        }
    }

    private static void Sleep()
    {
        uint seen = s_wake.Value;
        Volatile.Write(ref s_isAsleep, true);
        Interlocked.MemoryBarrier();
        foreach (Reactor reactor in Volatile.Read(ref s_reactors))
        {
            if (reactor.MayBeInHandler)
            {
                Volatile.Write(ref s_isAsleep, false);
                return;
            }
        }

        while (Volatile.Read(ref s_isAsleep))
        {
            s_wake.Wait(seen, long.MaxValue);
            seen = s_wake.Value;
        }
    }
}
