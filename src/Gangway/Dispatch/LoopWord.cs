// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>Who runs a reactor's loop: the thread that last moved this word, and nobody else.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
internal sealed class LoopWord<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // Number of a handler << 2 | phase. Before a handler the loop's thread writes Handler(n), after it swaps back to
    // Loop. Whoever finds that it lasts too long, or must wait inside it, swaps Handler(n) to Taken and gives the loop to
    // another thread; then the swap back fails, and its thread touches nothing of the loop any more. The number keeps a
    // watcher that was preempted between its looks and its swap from taking a later handler.
    // Proof: docs/memory-ordering/takeover.md, verify/takeover.pml.

    private const ulong Loop = 0;
    private const ulong Handler = 1;
    private const ulong Taken = 2;
    private const ulong PhaseMask = 3;
    private const int NumberShift = 2;

    private readonly PrivateWords _word = new(1);

    /// <summary>What a watcher sees. Only for <see cref="TryTake"/> and comparing.</summary>
    internal ulong Value => TMemory.Read(in _word[0], Order.TakeoverTake);

    /// <summary>Whether a value says that a handler runs on the loop's thread.</summary>
    internal static bool IsInHandler(ulong value) => (value & PhaseMask) == Handler;

    /// <summary>The loop's thread is about to run a handler. Everything of the loop is as another thread may find it.</summary>
    /// <returns>For <see cref="TryLeave"/>.</returns>
    internal ulong Enter()
    {
        // Ours alone: nobody else writes a word in phase Loop.
        ulong number = (TMemory.Read(in _word[0], Order.TakeoverEnter) >> NumberShift) + 1;
        ulong value = number << NumberShift | Handler;

        // ORDER(TakeoverEnter): release. The loop's state comes before the word that lets another thread have it.
        TMemory.Write(ref _word[0], value, Order.TakeoverEnter);
        return value;
    }

    /// <summary>The handler has returned.</summary>
    /// <param name="entered">What <see cref="Enter"/> gave.</param>
    /// <returns>False when the loop was taken: it is another thread's.</returns>
    internal bool TryLeave(ulong entered) =>
        // ORDER(TakeoverLeave): compare-and-swap against TryTake: one of the two wins.
        TMemory.CompareExchange(ref _word[0], entered & ~PhaseMask | Loop, entered, Order.TakeoverLeave) == entered;

    /// <summary>Takes the loop from the thread that is in a handler.</summary>
    /// <param name="seen">A value in a handler. The caller, when it wins, gives the loop to one thread.</param>
    internal bool TryTake(ulong seen) =>
        // ORDER(TakeoverTake): compare-and-swap against TryLeave and other takers.
        TMemory.CompareExchange(ref _word[0], seen & ~PhaseMask | Taken, seen, Order.TakeoverTake) == seen;

    /// <summary>The same, for another thread than the handler's.</summary>
    /// <remarks><b>Cost:</b> a system call, which interrupts the processors that run this process.</remarks>
    internal bool TryTakeFromOther(ulong seen)
    {
        if (!TryTake(seen))
            return false;

        // ORDER(TakeoverFence): full fence of all threads. What the handler's thread did before it could find the loop taken
        // comes before the next owner's look at what it left. So that thread needs no fence of its own.
        TMemory.FenceAll(Order.TakeoverFence);
        return true;
    }

    /// <summary>A thread that was given the loop starts to run it.</summary>
    internal void Begin()
    {
        ulong value = TMemory.Read(in _word[0], Order.TakeoverEnter);
        TMemory.Write(ref _word[0], value & ~PhaseMask | Loop, Order.TakeoverEnter);
    }
}
