// SPDX-License-Identifier: MIT

using System.Numerics;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The transaction slots of a link: as many calls as one side may have in flight.</summary>
/// <remarks><b>Threads:</b> any number. Nobody waits here.</remarks>
internal sealed class InProcessCalls(InProcessLink link)
{
    // Design: a bit of _taken belongs to who set it, by compare-and-swap, and with it the slot's call.

    // Made at the first call: a side that never calls has none.
    private InProcessCall?[]? _calls;
    private ulong _taken;

    /// <summary>How many requests have left.</summary>
    internal long Sent => Sum(static call => call.Generation);

    /// <summary>How many of them the other side has taken.</summary>
    internal long Taken => Sum(static call => call.Taken);

    /// <summary>Whether a slot is free.</summary>
    internal bool HasFree => Volatile.Read(ref _taken) != ulong.MaxValue;

    /// <summary>The call of a slot that was taken at some time.</summary>
    internal InProcessCall this[int slot] => _calls![slot]!;

    /// <summary>All slots that were ever taken.</summary>
    internal ReadOnlySpan<InProcessCall?> All => Volatile.Read(ref _calls);

    /// <summary>Takes a free slot.</summary>
    /// <returns>Its call; null when all are taken.</returns>
    internal InProcessCall? TryTake()
    {
        ulong taken = Volatile.Read(ref _taken);
        while (taken != ulong.MaxValue)
        {
            int slot = BitOperations.TrailingZeroCount(~taken);
            ulong found = Interlocked.CompareExchange(ref _taken, taken | 1UL << slot, taken);
            if (found == taken)
                return _calls?[slot] ?? Make(slot);
            taken = found;
        }

        return null;
    }

    /// <summary>Gives a slot back. A full fence.</summary>
    internal void Release(InProcessCall call) => Interlocked.And(ref _taken, ~(1UL << call.Slot));

    private long Sum(Func<InProcessCall, ulong> count)
    {
        ulong sum = 0;
        foreach (InProcessCall? call in All)
            sum += call is null ? 0 : count(call);
        return (long)sum;
    }

    private InProcessCall Make(int slot)
    {
        if (_calls is null)
            Interlocked.CompareExchange(ref _calls, new InProcessCall?[SegmentLayout.SlotCount], null);
        var call = new InProcessCall(link, slot);
        Volatile.Write(ref _calls[slot], call);
        return call;
    }
}
