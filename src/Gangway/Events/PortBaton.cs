// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>Who polls a port: one thread at a time, and for whom it was not free.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any. Nobody waits for it here.</remarks>
internal sealed class PortBaton<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // One word. Who finds it held leaves a mark in it, by the same swap, and goes; who lets it go takes the marks out by the swap
    // that frees it. So each mark is found by the one whose turn kept its owner out, and nobody comes between. The mark says what
    // its owner came for: who came for packets is told if there are any, who came to look is looked for. If all were told, those
    // who only look would wake each other for nothing, again and again.
    // Proof: docs/memory-ordering/readiness.md, verify/watch.pml.

    private const ulong Free = 0;
    private const ulong Held = 1;
    private const ulong Ended = 2;

    private readonly PrivateWords _word = new(1);

    /// <summary>Whether nobody holds it now.</summary>
    internal bool IsFree => TMemory.Read(in _word[0], Order.PortBaton) == Free;

    /// <summary>Takes it if it is free.</summary>
    internal bool TryTake() =>
        // ORDER(PortBaton): compare-and-swap: what the last holder left is seen.
        IsFree && TMemory.CompareExchange(ref _word[0], Held, Free, Order.PortBaton) == Free;

    /// <summary>Takes it if it is free; if not, who lets it go hears what we came for.</summary>
    internal bool TryTakeOrMark(BatonMarks mark)
    {
        while (true)
        {
            if (TryTake())
                return true;
            if (TryMark(mark))
                return false;
        }
    }

    /// <summary>If somebody holds it, that one hears what we came for.</summary>
    /// <returns>False when it is free.</returns>
    internal bool TryMark(BatonMarks mark)
    {
        ulong found = TMemory.Read(in _word[0], Order.PortMissed);
        while (found != Free)
        {
            // ORDER(PortMissed): compare-and-swap, also where the mark is there: what we came for happened before it.
            ulong before = TMemory.CompareExchange(ref _word[0], found == Ended ? Ended : found | (ulong)mark, found, Order.PortMissed);
            if (before == found)
                return true;
            found = before;
        }

        return false;
    }

    /// <summary>The holder lets it go.</summary>
    /// <returns>For whom it was not free.</returns>
    internal BatonMarks Release()
    {
        ulong found = Held;
        while (true)
        {
            // ORDER(PortBaton): compare-and-swap, a full fence: the release before the look at who waits.
            ulong before = TMemory.CompareExchange(ref _word[0], Free, found, Order.PortBaton);
            if (before == found)
                return (BatonMarks)(found & ~Held);
            found = before;
        }
    }

    /// <summary>For good: nobody takes it any more.</summary>
    /// <returns>False when somebody holds it, or it has ended before.</returns>
    internal bool TryEnd() => TMemory.CompareExchange(ref _word[0], Ended, Free, Order.PortBaton) == Free;
}
