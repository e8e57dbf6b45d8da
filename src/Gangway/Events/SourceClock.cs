// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The thread that keeps time for sources that are watched and have no poller of their own.</summary>
/// <remarks>
/// One for the process, made before the first of them is watched. It sleeps until the next time. <b>Threads:</b> <see cref="Watch"/> any;
/// what is due is told on its own, and must neither block nor run a program's code.
/// </remarks>
internal sealed class SourceClock
{
    // Design:
    //
    // A wheel, as a reactor has, and a word to sleep on. The word is read before the wheel announces until when it sleeps; who
    // asks for an earlier time bumps the word. So the announcement is seen by who asks, or the bump by the sleep.

    private static readonly Lock s_lock = new();
    private static SourceClock? s_clock;

    private readonly TimerWheel _wheel = new(Deadline.Now);
    private readonly ParkingWord _word = new();

    private SourceClock() => new Thread(Run) { Name = "gangway-clock", IsBackground = true }.UnsafeStart();

    /// <summary>Makes it, if there is none. Before the first <see cref="Watch"/>, which must not fail.</summary>
    /// <returns>False when the system gives no thread; the next one who asks tries again.</returns>
    internal static bool TryStart()
    {
        if (Volatile.Read(ref s_clock) is not null)
            return true;
        lock (s_lock)
        {
            try
            {
                s_clock ??= new SourceClock();
                return true;
            }
            catch (OutOfMemoryException)
            {
                return false;
            }
        }
    }

    /// <summary>Asks that a node be looked at when a time has come, whatever was asked before.</summary>
    internal static void Watch(TimerNode node, long dueNs)
    {
        if (dueNs == TimerNode.None)
        {
            node.Withdraw();
            return;
        }

        SourceClock clock = Volatile.Read(ref s_clock)!;
        if (!clock._wheel.Request(node, dueNs))
            return;
        clock._word.Bump();
        clock._word.Wake(1);
    }

    private void Run()
    {
        while (true)
        {
            uint seen = _word.Value;
            _wheel.Advance(Deadline.Now);
            _word.Wait(seen, _wheel.NextWake);
        }
    }
}
