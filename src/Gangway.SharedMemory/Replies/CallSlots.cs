// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Numerics;

namespace Gangway.SharedMemory;

/// <summary>The caller's private table of transaction slots: which are taken, and with which generation.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Nobody waits here.</remarks>
internal sealed class CallSlots<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A bit of `taken` belongs to the thread that set it, and with it the slot's generation and last word. A caller that
    // gives up cannot free its slot, because the late reply will still be written there: it marks the bit `abandoned`,
    // which passes the slot to whoever finds the late reply. Clearing `abandoned` by compare-and-swap takes it over, so
    // one thread does.
    //
    // INVARIANT: abandoned is a part of taken. Proof: docs/memory-ordering/reply-slot.md, verify/replyslot.pml.

    private const int Taken = 0;
    private const int Abandoned = 1;

    private readonly PrivateWords _words = new(2);

    // Made at the first call: a side that never calls, as most of a server's, has none. Generations first, then the words.
    private ulong[]? _slots;
    private readonly ReplyReader<TMemory> _replies;
    private readonly int _slotCount;

    /// <summary>Starts with all slots free.</summary>
    /// <param name="replies">Where late replies of abandoned slots are found.</param>
    /// <param name="slotCount">How many slots are used; fewer in tests.</param>
    internal CallSlots(ReplyReader<TMemory> replies, int slotCount = SegmentLayout.SlotCount)
    {
        _replies = replies;
        _slotCount = slotCount;
    }

    /// <summary>Whether no thread waits in a slot: those that are taken were given up.</summary>
    internal bool IsQuiet =>
        (TMemory.Read(in _words[Taken], Order.SlotState) & ~TMemory.Read(in _words[Abandoned], Order.SlotState)) == 0;

    /// <summary>Whether slots are left to late replies: worth a <see cref="Reclaim"/> before a slot is taken.</summary>
    internal bool HasAbandoned => TMemory.Read(in _words[Abandoned], Order.SlotState) != 0;

    /// <summary>Whether a slot is free.</summary>
    internal bool HasFree => BitOperations.TrailingZeroCount(~TMemory.Read(in _words[Taken], Order.SlotState)) < _slotCount;

    /// <summary>Whether a slot that is taken is the only one.</summary>
    internal bool IsAlone(int slot) => TMemory.Read(in _words[Taken], Order.SlotState) == 1UL << slot;

    /// <summary>The word that the slot holds until its reply comes. Belongs to the slot's owner.</summary>
    internal ref ulong Previous(int slot) => ref _slots![SegmentLayout.SlotCount + slot];

    /// <summary>Takes a free slot and gives it its next generation.</summary>
    /// <returns>False when all are taken.</returns>
    internal bool TryTake(out int slot, out ulong generation)
    {
        ulong taken = TMemory.Read(in _words[Taken], Order.SlotState);
        while (true)
        {
            slot = BitOperations.TrailingZeroCount(~taken);
            if (slot >= _slotCount)
            {
                generation = 0;
                return false;
            }

            ulong found = TMemory.CompareExchange(ref _words[Taken], taken | 1UL << slot, taken, Order.SlotState);
            if (found == taken)
                break;
            taken = found;
        }

        generation = ++(_slots ?? MakeSlots())[slot];
        Debug.Assert(generation <= RecordHeader.GenerationMask);
        return true;
    }

    /// <summary>Gives back a slot whose reply was taken, or whose request was never written.</summary>
    internal void Release(int slot) => Change(Taken, slot, isSet: false);

    /// <summary>Leaves a slot to its late reply.</summary>
    internal void Abandon(int slot) => Change(Abandoned, slot, isSet: true);

    /// <summary>Frees the abandoned slots whose late reply has come.</summary>
    /// <returns>How many were freed: the caller wakes as many of those who wait for one.</returns>
    internal int Reclaim()
    {
        int freed = 0;
        ulong abandoned = TMemory.Read(in _words[Abandoned], Order.SlotState);
        for (ulong rest = abandoned; rest != 0; rest &= rest - 1)
        {
            int slot = BitOperations.TrailingZeroCount(rest);
            while (_replies.HasReply(slot, Previous(slot)) && TryTakeOver(slot))
            {
                // The slot is ours now. A lie leaves `previous` as it was, so the next caller of the slot finds it.
                ReplyRead read = _replies.TryTake(slot, _slots![slot], ref Previous(slot), [], out _);
                if (read != ReplyRead.Pending)
                {
                    _replies.Poll(slot);
                    Release(slot);
                    freed++;
                    break;
                }

                // Others reclaimed it, used it and gave it up since we looked. Its reply may have come while it was ours,
                // and whoever looked then found nothing to give back: look again.
                Abandon(slot);
            }
        }

        return freed;
    }

    private ulong[] MakeSlots()
    {
        Interlocked.CompareExchange(ref _slots, new ulong[2 * SegmentLayout.SlotCount], null);
        return _slots;
    }

    private bool TryTakeOver(int slot)
    {
        ulong bit = 1UL << slot;
        ulong abandoned = TMemory.Read(in _words[Abandoned], Order.SlotState);
        while ((abandoned & bit) != 0)
        {
            ulong found = TMemory.CompareExchange(
                ref _words[Abandoned], abandoned & ~bit, abandoned, Order.SlotState);
            if (found == abandoned)
                return true;
            abandoned = found;
        }

        return false;
    }

    private void Change(int word, int slot, bool isSet)
    {
        ulong bit = 1UL << slot;
        ulong value = TMemory.Read(in _words[word], Order.SlotState);
        while (true)
        {
            ulong next = isSet ? value | bit : value & ~bit;
            ulong found = TMemory.CompareExchange(ref _words[word], next, value, Order.SlotState);
            if (found == value)
                return;
            value = found;
        }
    }
}
