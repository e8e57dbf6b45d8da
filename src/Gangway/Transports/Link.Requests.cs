// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

// The requests of the peer: the deadlines of those whose handlers asked for a token, and their end.
internal abstract partial class Link
{
    /// <summary>Of the slots whose handlers asked for a token; null until one did.</summary>
    private RequestTimer?[]? _timers;

    /// <summary>Has a request's token cancelled when its deadline passes, whether its caller says so or not. Any thread.</summary>
    internal void WatchDeadline(int slot, ulong generation, Deadline deadline)
    {
        if (HasEnded)
            return;
        RequestTimer?[] timers = Volatile.Read(ref _timers) ?? MakeTimers();
        RequestTimer timer = Volatile.Read(ref timers[slot]) ?? MakeTimer(ref timers[slot], slot);
        timer.Arm(deadline);

        // Answered meanwhile: the slot may be another request's, whose wish this has replaced. It is looked at at once.
        if (!Transactions.IsUnanswered(slot, generation))
            timer.Arm(Deadline.After(TimeSpan.Zero));
    }

    private RequestTimer?[] MakeTimers()
    {
        var timers = new RequestTimer?[SegmentLayout.SlotCount];
        return Interlocked.CompareExchange(ref _timers, timers, null) ?? timers;
    }

    private RequestTimer MakeTimer(ref RequestTimer? place, int slot)
    {
        var timer = new RequestTimer(this, slot);
        return Interlocked.CompareExchange(ref place, timer, null) ?? timer;
    }

    /// <summary>Nobody waits for its answers any more. Behind <see cref="MarkEnded"/>.</summary>
    internal void CancelPending()
    {
        Interlocked.MemoryBarrier(); // the mark before the look; the pair is in Delivery.TryFinishRequest
        for (int slot = 0; slot < SegmentLayout.SlotCount; slot++)
        {
            if (Transactions.Find(slot, out uint stamp) is not { } delivery)
                continue;
            delivery.Cancel(stamp);
            if (Transactions.IsLeft(slot))
                delivery.EndCharge();
        }
    }
}
