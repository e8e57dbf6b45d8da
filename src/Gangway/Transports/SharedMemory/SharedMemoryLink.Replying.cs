// SPDX-License-Identifier: MIT

using System.Numerics;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Replies. Any thread.
internal sealed partial class SharedMemoryLink
{
    // Design:
    //
    // A reply is shown by one store. Whether its caller must be told is looked at behind a full fence, which waits until that
    // store has reached the line that the caller has. So a handler on the loop's thread shows its reply, notes the slot, and
    // leaves the look to the loop, which takes it at the end of the poll for all replies at once. The note is behind the
    // reply and in front of the look at whether the loop is still the thread's; the fence between these two is done by who
    // takes the loop, for both threads.
    // Proof: docs/memory-ordering/reply-lanes.md, verify/kept.pml.

    /// <summary>Slots whose callers are looked at when the poll ends: their replies are shown. The loop's.</summary>
    private ulong _kept;

    /// <inheritdoc/>
    internal override bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply)
    {
        TransactionTable transactions = Endpoint.Transactions;
        if (!transactions.TryAnswer(slot, generation))
            return false;

        // The payload may lie in the request's own delivery, which nobody gives back until the answer has ended. It must have
        // ended before the reply can be seen: the peer may use the slot again at once.
        _replyWriter.Write(slot, reply);
        ThreadRole? role = ThreadRole.IfAny;
        if (role?.Inline is not { } run || run.Link != this)
        {
            Delivery? left = transactions.EndAnswer(slot, generation);
            _replyWriter.Show(slot, generation, (ushort)status);
            AnnounceReplies(1UL << slot);
            left?.FinishDeferred();
        }
        else if (run.Frame.Generation == generation && run.Frame.Slot == slot)
        {
            transactions.EndOwnAnswer(slot);
            ShowInline(role, slot, generation, status);
        }
        else
        {
            Delivery? left = transactions.EndAnswer(slot, generation);
            ShowInline(role, slot, generation, status);
            left?.FinishDeferred();
        }

        return true;
    }

    /// <summary>Shows a reply of a handler on the loop's thread, and leaves the news of it to the loop.</summary>
    private void ShowInline(ThreadRole role, int slot, ulong generation, Status status)
    {
        _replyWriter.Show(slot, generation, (ushort)status);

        // Who sleeps already is woken now: a look without a fence finds most of them, and the loop's finds the rest.
        role.Kept.Keep(1UL << slot);
        if (!Reactor.HasLoopIn(role.Entered) || _replyWriter.HowNow(slot) == ReplyWaiting.Parked)
            AnnounceReplies(1UL << slot);
    }

    /// <inheritdoc/>
    internal override void KeepReplies(ulong slots) => _kept |= slots;

    /// <inheritdoc/>
    internal override void AnnounceKept()
    {
        ulong slots = _kept;
        _kept = 0;
        AnnounceReplies(slots);
    }

    /// <inheritdoc/>
    internal override void OnLoopTaken(ulong kept)
    {
        _kept |= kept;
        AnnounceKept();
    }

    /// <inheritdoc/>
    internal override void AnnounceReplies(ulong slots)
    {
        if (slots == 0)
            return;
        ulong announced = _replyWriter.Look(slots, out ulong parked);
        for (; parked != 0; parked &= parked - 1)
            WakeCaller(BitOperations.TrailingZeroCount(parked));
        if (announced == 0)
            return;
        _replyLaneWriter.Signal(announced);
        RingIfAsleep();
    }
}
