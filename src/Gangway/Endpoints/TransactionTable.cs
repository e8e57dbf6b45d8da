// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The requests of a peer that are not answered yet: each is answered once.</summary>
/// <remarks><b>Threads:</b> the loop's thread begins and cancels, any thread completes.</remarks>
internal sealed class TransactionTable(int slotCount)
{
    // INVARIANT: Pending of a slot is the generation that waits for its answer, or 0. The loop's thread sets it; who marks it
    // Answering, by compare-and-swap, is the one who answers, and clears it when the answer is written: so a second answer,
    // or one of an earlier generation, finds something else. Who clears one that is Left gives its delivery back.

    /// <summary>The handler has completed, and the request is not answered to the end.</summary>
    private const ulong Left = 1UL << 63;

    /// <summary>Somebody copies the answer, perhaps out of the request's own delivery.</summary>
    private const ulong Answering = 1UL << 62;

    // Made at the first request: an idle client costs nothing.
    private Slot[]? _slots;

    /// <summary>Whether any request is not answered.</summary>
    internal bool HasPending
    {
        get
        {
            foreach (ref readonly Slot slot in _slots.AsSpan())
            {
                if (Volatile.Read(in slot.Pending) != 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Notes a request that was taken.</summary>
    /// <returns>False when the peer broke the rules: no such slot, still pending, or a generation that is not newer.</returns>
    internal bool TryBegin(int slot, ulong generation, Delivery delivery)
    {
        // TRUST: both numbers are the peer's; the copies are checked here.
        _slots ??= new Slot[slotCount];
        if ((uint)slot >= (uint)_slots.Length)
            return false;
        ref Slot found = ref _slots[slot];
        if (generation <= found.Last || Volatile.Read(ref found.Pending) != 0)
            return false;

        found.Last = generation;
        found.Delivery = delivery;
        Volatile.Write(ref found.Pending, generation);
        return true;
    }

    /// <summary>Claims the right to answer a request. <see cref="EndAnswer"/> follows, before the peer can see the answer.</summary>
    /// <returns>False when it was answered already.</returns>
    internal bool TryAnswer(int slot, ulong generation)
    {
        ref ulong pending = ref _slots![slot].Pending;
        return Interlocked.CompareExchange(ref pending, generation | Answering, generation) == generation
            || Interlocked.CompareExchange(ref pending, generation | Answering | Left, generation | Left) == (generation | Left);
    }

    /// <summary>The answer is written, and nothing of the request's delivery is read any more.</summary>
    /// <returns>The delivery, if its handler has completed before: the caller gives it back; else null.</returns>
    internal Delivery? EndAnswer(int slot, ulong generation)
    {
        ref Slot found = ref _slots![slot];
        Delivery? delivery = found.Delivery;
        return Interlocked.Exchange(ref found.Pending, 0) == (generation | Answering | Left) ? delivery : null;
    }

    /// <summary>The same, for the thread on which the request's handler still runs for the first time: nobody marks it Left.</summary>
    internal void EndOwnAnswer(int slot) => Volatile.Write(ref _slots![slot].Pending, 0);

    /// <summary>Whether a request waits for its answer while its handler runs.</summary>
    internal bool IsPending(int slot, ulong generation) => (Volatile.Read(ref _slots![slot].Pending) & ~Answering) == generation;

    /// <summary>Whether a request waits for its answer, whether its handler runs or not.</summary>
    internal bool IsUnanswered(int slot, ulong generation) =>
        (Volatile.Read(ref _slots![slot].Pending) & ~(Answering | Left)) == generation;

    /// <summary>Whether a slot has a request that waits for its answer though its handler has completed.</summary>
    internal bool IsLeft(int slot) => _slots is not null && (Volatile.Read(ref _slots[slot].Pending) & Left) != 0;

    /// <summary>The handler of a request has completed.</summary>
    /// <returns>True when it was not answered yet, or not to the end: whoever answers it gives its delivery back.</returns>
    internal bool TryDefer(int slot, ulong generation)
    {
        ref ulong pending = ref _slots![slot].Pending;
        ulong seen = Volatile.Read(ref pending);
        while ((seen & ~Answering) == generation)
        {
            ulong found = Interlocked.CompareExchange(ref pending, seen | Left, seen);
            if (found == seen)
                return true;
            seen = found;
        }

        return false;
    }

    /// <summary>The delivery of a request that is pending, to cancel it; null if there is none.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="stamp">The delivery's stamp.</param>
    internal Delivery? Find(int slot, out uint stamp)
    {
        stamp = 0;
        if (_slots is null)
            return null;
        ref Slot found = ref _slots[slot];
        Delivery? delivery = found.Delivery;
        if (delivery is null)
            return null;

        // The stamp before the look: while the request is pending its delivery is not given back.
        stamp = delivery.Stamp;
        return Volatile.Read(ref found.Pending) != 0 ? delivery : null;
    }

    private struct Slot
    {
        internal ulong Pending;
        internal ulong Last;
        internal Delivery? Delivery;
    }
}
