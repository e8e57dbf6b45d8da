// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>What one thread at a time holds to write to a connection. Nobody ever waits for it.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
internal sealed class Baton<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // One private word: Free, Held, Wanted. Who finds it held first puts what it wants where the holder will find it,
    // then marks the baton wanted and goes. The holder lets go by a compare-and-swap that fails if the baton was wanted
    // meanwhile, and then looks again. So whatever was put before the mark is seen by somebody.
    // Proof: docs/memory-ordering/baton.md, verify/baton.pml. A plain try-lock strands what was put.

    private const ulong Free = 0;
    private const ulong Held = 1;
    private const ulong Wanted = 2;

    private readonly PrivateWords _word = new(1);

    /// <summary>Takes the baton if it is free.</summary>
    internal bool TryTake() =>
        TMemory.CompareExchange(ref _word[0], Held, Free, Order.BatonTake) == Free;

    /// <summary>Takes the baton if it is free, else marks it wanted.</summary>
    /// <returns>True when the caller holds it now; false when its holder will look once more.</returns>
    internal bool TakeOrWant()
    {
        while (true)
        {
            if (TryTake())
                return true;

            // ORDER(BatonWant): compare-and-swap. What we put comes before the mark, the holder's next look after it.
            if (TMemory.CompareExchange(ref _word[0], Wanted, Held, Order.BatonWant) != Free)
                return false;
        }
    }

    /// <summary>Lets the baton go, unless somebody wanted it meanwhile.</summary>
    /// <returns>False when the caller still holds it, and must look again for what was put.</returns>
    internal bool TryRelease()
    {
        // ORDER(BatonRelease): compare-and-swap, a full fence. Also the fence between the holder's publishes and its
        // look at the reader's sleep word (BellLook).
        if (TMemory.CompareExchange(ref _word[0], Free, Held, Order.BatonRelease) == Held)
            return true;

        TMemory.CompareExchange(ref _word[0], Held, Wanted, Order.BatonTake);
        return false;
    }
}
