// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>Who may run the loop of a reactor that an event port's waiters run: they, or a thread that stands in for them.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any; see the members.</remarks>
internal sealed class LoopHome<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // Number of those who need the loop << 2 | phase. The loop is at home while no thread has it: the port's poller enters,
    // takes a few turns, and leaves. It is away while a thread stands in: because a handler kept the poller too long or waits, or
    // because somebody waits for what comes by the loop, and nobody may be polling the port. The poller that finds it away
    // calls it home, and whoever stands in gives it back between two turns, as soon as nobody needs it. Each step is one swap
    // of one word, so the loop is nobody's twice.
    //
    // INVARIANT: nobody needs a loop that is at home.
    // Proof: docs/memory-ordering/takeover.md, verify/home.pml.

    private const ulong AtHome = 0;
    private const ulong Visited = 1;
    private const ulong Away = 2;
    private const ulong Called = 3;
    private const ulong PhaseMask = 3;
    private const ulong OneNeed = 4;

    private readonly PrivateWords _word = new(1);

    /// <summary>Whether no thread has it. A hint, but for the poller: only that enters.</summary>
    internal bool IsAtHome => (TMemory.Read(in _word[0], Order.HomeEnter) & PhaseMask) == AtHome;

    /// <summary>Whether a thread stands in, is asked to give the loop back, and nobody needs it any more.</summary>
    internal bool MustReturn => TMemory.Read(in _word[0], Order.HomeReturn) == Called;

    /// <summary>The poller: takes the loop for a visit, or asks for it.</summary>
    /// <param name="hasCalled">Whether who stands in has just been asked to give it back, and must be woken.</param>
    internal bool TryEnter(out bool hasCalled)
    {
        ulong found = TMemory.Read(in _word[0], Order.HomeEnter);
        while (true)
        {
            ulong phase = found & PhaseMask;
            hasCalled = phase == Away;

            // Visited is a loop that is just being taken from the poller's last turn: for now it is away.
            if (phase is Called or Visited)
                return false;

            // ORDER(HomeEnter): compare-and-swap, against those who need the loop and against its return.
            ulong next = phase == AtHome ? Visited : found | Called;
            ulong before = TMemory.CompareExchange(ref _word[0], next, found, Order.HomeEnter);
            if (before == found)
                return phase == AtHome;
            found = before;
        }
    }

    /// <summary>The poller: its visit is over, and it still has the loop.</summary>
    /// <returns>False when somebody needs the loop: it is away now, and the caller gives it to a thread.</returns>
    internal bool TryLeave()
    {
        ulong found = Visited;
        while (true)
        {
            // ORDER(HomeLeave): compare-and-swap: the turn before it; who needs the loop comes before it or after it.
            ulong next = found == Visited ? AtHome : found - Visited + Away;
            ulong before = TMemory.CompareExchange(ref _word[0], next, found, Order.HomeLeave);
            if (before == found)
                return next == AtHome;
            found = before;
        }
    }

    /// <summary>Any thread: from now on the loop must run, whether somebody polls the port or not.</summary>
    /// <returns>True when it was nobody's, and is away now: the caller gives it to a thread.</returns>
    internal bool BeginNeed()
    {
        ulong found = TMemory.Read(in _word[0], Order.HomeNeed);
        while (true)
        {
            // ORDER(HomeNeed): compare-and-swap: at no moment is the loop at home and needed.
            bool wasAtHome = (found & PhaseMask) == AtHome;
            ulong next = found + OneNeed + (wasAtHome ? Away : 0);
            ulong before = TMemory.CompareExchange(ref _word[0], next, found, Order.HomeNeed);
            if (before == found)
                return wasAtHome;
            found = before;
        }
    }

    /// <summary>The need has ended: as often as it began.</summary>
    /// <returns>True when the loop was called meanwhile, and may go home now: who stands in must be woken.</returns>
    internal bool EndNeed()
    {
        ulong found = TMemory.Read(in _word[0], Order.HomeNeed);
        while (true)
        {
            ulong before = TMemory.CompareExchange(ref _word[0], found - OneNeed, found, Order.HomeNeed);
            if (before == found)
                return found - OneNeed == Called;
            found = before;
        }
    }

    /// <summary>Who has taken the loop from a handler, before it gives the loop to a thread: if that was a poller's turn, it is away.</summary>
    internal void NoteTaken()
    {
        ulong found = TMemory.Read(in _word[0], Order.HomeTaken);
        while ((found & PhaseMask) == Visited)
        {
            // ORDER(HomeTaken): compare-and-swap, against those who need the loop. Before the thread has it: it could be home again.
            ulong before = TMemory.CompareExchange(ref _word[0], found - Visited + Away, found, Order.HomeTaken);
            if (before == found)
                return;
            found = before;
        }
    }

    /// <summary>Who stands in, between two turns: gives the loop back if it was called and nobody needs it.</summary>
    /// <returns>True when it is at home, and the caller touches nothing of it any more.</returns>
    internal bool TryReturn() =>
        // ORDER(HomeReturn): compare-and-swap: all turns before it; who needs the loop comes before it or after it.
        TMemory.CompareExchange(ref _word[0], AtHome, Called, Order.HomeReturn) == Called;
}
