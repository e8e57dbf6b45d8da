// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>Moves this thread to another processor when it and a peer that answers at once keep sharing one.</summary>
/// <remarks>
/// The kernel puts whom a socket wakes on the waker's processor, because who wakes another mostly sleeps then. For one call
/// that is right: 2 us in place of 30. For call after call it is not: 4 us in place of 0.4, and while the two give way to
/// each other its balancing may take long to part them. So a thread that waited for its peer on a shared processor 64
/// times in 8 ms leaves it once, where it may run elsewhere; if they meet again soon, the next time later. Measured by
/// <c>./bench rtt</c> (<c>rtt.pipelined.*</c>).
/// <b>Threads:</b> each has its own count. Only the threads of callers and senders, and the clients' reactor, leave: if both
/// sides did, they would meet again. <b>Trust:</b> where the peer runs is its own word. A lie moves us, and helps nobody.
/// </remarks>
internal static class Separation
{
    [ThreadStatic]
    private static SharedWaits t_waits;

    /// <summary>This thread begins a wait for a peer on its own processor.</summary>
    /// <returns>Whether it has left that processor.</returns>
    internal static bool NoteSharedWait(int cpu, long now) =>
        t_waits.Note(now) && Scheduler.LeaveCpu(cpu) == Errno.None;

    /// <summary>How often one thread has waited on a shared processor lately, and when it last left one.</summary>
    internal struct SharedWaits
    {
        internal const int Most = 64;
        internal const long BusyNs = 8_000_000;
        internal const long PauseMinNs = 10_000_000;
        internal const long PauseMaxNs = 1_000_000_000;

        private int _waits;
        private long _since;
        private long _leftAt;
        private long _pause;

        /// <summary>One wait more.</summary>
        /// <returns>Whether to leave.</returns>
        internal bool Note(long now)
        {
            if (++_waits < Most)
                return false;
            bool isBusy = now - _since < BusyNs;
            _since = now;
            _waits = 0;
            if (!isBusy || now - _leftAt < _pause)
                return false;

            // They met again within twice the pause: it does not help here.
            _pause = now - _leftAt < 2 * _pause ? Math.Min(2 * _pause, PauseMaxNs) : PauseMinNs;
            _leftAt = now;
            return true;
        }
    }
}
