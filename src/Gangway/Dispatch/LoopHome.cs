// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Who may run the loop of a reactor that an event port's waiters run: they, or a thread that stands in for them.</summary>
/// <remarks><b>Threads:</b> any; see the members.</remarks>
internal sealed class LoopHome
{
    // Design:
    //
    // The loop is at home while no thread has it: the port's poller enters, takes a turn, and leaves. It is away while a
    // thread stands in: because a handler kept the poller too long or waits, or because somebody must wait for the loop and
    // nobody may be polling the port. The poller that finds it away calls it home, and whoever stands in gives it back
    // between two turns. Each step is one swap of one word, so the loop is nobody's twice.

    private const int AtHome = 0;
    private const int Visited = 1;
    private const int VisitedAndWanted = 2;
    private const int Away = 3;
    private const int Called = 4;

    private int _state;

    /// <summary>Whether no thread has it. A hint, but for the poller: only that enters.</summary>
    internal bool IsAtHome => Volatile.Read(ref _state) == AtHome;

    /// <summary>Whether a thread stands in and is asked to give the loop back.</summary>
    internal bool IsCalled => Volatile.Read(ref _state) == Called;

    /// <summary>The poller: takes the loop for a turn, or asks for it.</summary>
    /// <param name="hasCalled">Whether who stands in must be told.</param>
    internal bool TryEnter(out bool hasCalled)
    {
        hasCalled = false;
        int found = Interlocked.CompareExchange(ref _state, Visited, AtHome);
        if (found == AtHome)
            return true;
        hasCalled = found == Away && Interlocked.CompareExchange(ref _state, Called, Away) == Away;
        return false;
    }

    /// <summary>The poller: its turn is over, and it still has the loop.</summary>
    /// <returns>False when the loop must go away now: the caller gives it to a thread.</returns>
    internal bool TryLeave()
    {
        if (Interlocked.CompareExchange(ref _state, AtHome, Visited) == Visited)
            return true;
        Volatile.Write(ref _state, Away);
        return false;
    }

    /// <summary>Any thread: the loop must run, whether somebody polls the port or not.</summary>
    /// <returns>True when it was nobody's, and is away now: the caller gives it to a thread.</returns>
    internal bool TrySendAway()
    {
        int found = Volatile.Read(ref _state);
        while (true)
        {
            // Who stands in stays, although it was called: the poller that called may have left the port since.
            int next = found == Visited ? VisitedAndWanted : Away;
            if (found is VisitedAndWanted or Away)
                return false;
            int before = Interlocked.CompareExchange(ref _state, next, found);
            if (before == found)
                return found == AtHome;
            found = before;
        }
    }

    /// <summary>Who takes the loop from a poller that is in a handler gives it to a thread.</summary>
    internal void NoteTaken()
    {
        int found = Volatile.Read(ref _state);
        while (found is Visited or VisitedAndWanted)
        {
            int before = Interlocked.CompareExchange(ref _state, Away, found);
            if (before == found)
                return;
            found = before;
        }
    }

    /// <summary>Who stands in, between two turns: gives the loop back if it was called.</summary>
    /// <returns>True when it is at home, and the caller touches nothing of it any more.</returns>
    internal bool TryReturn() => IsCalled && Interlocked.CompareExchange(ref _state, AtHome, Called) == Called;
}
