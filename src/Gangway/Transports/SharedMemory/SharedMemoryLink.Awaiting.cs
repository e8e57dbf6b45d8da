// SPDX-License-Identifier: MIT

using System.Numerics;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Awaited calls: suspended on any thread, completed by the loop's.
internal sealed partial class SharedMemoryLink
{
    /// <summary>Made at the first call that is not polled for.</summary>
    private AwaitedCall?[]? _awaited;

    /// <summary>Slots that were announced and not looked at yet. The loop's.</summary>
    private ulong _announced;

    /// <summary>Whether a caller of this side ever went on without its reply: from then on the reply lanes are looked at.</summary>
    private bool _usesLanes;

    /// <inheritdoc/>
    internal override ValueTask<CallResult> CallAsync(
        uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain,
        CancellationToken cancellationToken)
    {
        if (IsEnded || EndReason != DisconnectReason.None)
            return Ended(Status.NotConnected);
        if (cancellationToken.IsCancellationRequested)
            return Ended(Status.Cancelled);
        if (deadline.HasPassed)
            return Ended(Status.DeadlineExceeded);
        if (!TryTakeSlot(out int slot, out ulong generation))
        {
            if (IsEnded)
                RetireIfQuiet();
            NoteRefused(RefusedCall);
            return Ended(Status.Overloaded);
        }

        // With others in flight there is something to do instead of polling; and the loop polls all of them at once.
        _sender.ForgetRequest(slot);
        bool polls = _mayPoll && !Reactor.IsOnLoop && _replyWaits.PollingPays && _slots.IsAlone(slot);
        return polls
            ? PollThenSuspend(operation, slot, generation, request, reply, deadline, chain, cancellationToken)
            : SendSuspended(operation, slot, generation, request, reply, deadline, chain, cancellationToken);
    }

    private ValueTask<CallResult> PollThenSuspend(
        uint operation, int slot, ulong generation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline,
        ReadOnlySpan<ulong> chain, CancellationToken cancellationToken)
    {
        _replies.Prepare(slot, ReplyWaiting.Polling);
        Status sent = TrySendRequest(operation, slot, generation, request, deadline, chain, mayWait: false, out bool hasRung);
        if (sent != Status.Ok)
        {
            LeaveSlot(slot);
            return Ended(sent);
        }

        if (TryPollReply(slot, generation, reply.Span, hasRung, out CallResult result))
            return new ValueTask<CallResult>(result);

        AwaitedCall call = AwaitedIn(slot);
        ulong previous = _slots.Previous(slot);
        call.Begin(generation, reply, deadline, cancellationToken);
        ValueTask<CallResult> task = call.AsTask();

        // From here on the call may end, and with it the slot's use, at any instruction.
        Volatile.Write(ref _usesLanes, true);
        bool mustWait = _replies.TryWait(slot, previous, ReplyWaiting.Announce);
        if ((!mustWait || IsEnded) && call.TryClaim(generation))
            return new ValueTask<CallResult>(TakeOrEnd(slot, generation, reply.Span));
        Watch(call, generation, deadline, cancellationToken);
        return task;
    }

    /// <summary>Nobody polls for this one, so the replier finds that with the request, and nothing need be looked at twice.</summary>
    private ValueTask<CallResult> SendSuspended(
        uint operation, int slot, ulong generation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline,
        ReadOnlySpan<ulong> chain, CancellationToken cancellationToken)
    {
        AwaitedCall call = AwaitedIn(slot);
        call.Begin(generation, reply, deadline, cancellationToken);
        ValueTask<CallResult> task = call.AsTask();
        _usesLanes = true;
        _replies.Prepare(slot, ReplyWaiting.Announce);
        Status sent = TrySendRequest(operation, slot, generation, request, deadline, chain, mayWait: false, out _);

        // The baton's full fence stands between Begin and this look at the end, as End's between its mark and its claims.
        if ((sent != Status.Ok || IsEnded) && call.TryClaim(generation))
        {
            if (sent == Status.Ok)
                return new ValueTask<CallResult>(TakeOrEnd(slot, generation, reply.Span));
            LeaveSlot(slot);
            return Ended(sent);
        }

        Watch(call, generation, deadline, cancellationToken);
        return task;
    }

    /// <summary>The caller claimed its own call: the reply is there, or the connection has ended.</summary>
    private CallResult TakeOrEnd(int slot, ulong generation, Span<byte> reply)
    {
        ref ulong previous = ref _slots.Previous(slot);
        var ladder = new Ladder(mayPoll: false);
        return _replies.HasReply(slot, previous)
            ? TakeReply(slot, generation, ref previous, reply, ref ladder)
            : EndedCall(slot);
    }

    private static ValueTask<CallResult> Ended(Status status) => new(new CallResult(status, 0));

    /// <summary>The first rung of a wait only.</summary>
    private bool TryPollReply(int slot, ulong generation, Span<byte> reply, bool hasRung, out CallResult result)
    {
        ref ulong previous = ref _slots.Previous(slot);
        var ladder = new Ladder(_mayPoll && _replyWaits.PollingPays, hasRung);
        bool isThere = false;
        for (int look = 0; _mayPoll && !isThere && look < Ladder.FreeLooks; look++)
            isThere = _replies.HasReply(slot, previous);
        while (_mayPoll && !isThere && !IsEnded && ladder.TryClimb(PeerCpu))
            isThere = _replies.HasReply(slot, previous);

        result = isThere ? TakeReply(slot, generation, ref previous, reply, ref ladder) : default;
        if (!isThere)
            PublishCpu(ladder.Cpu);
        return isThere;
    }

    /// <inheritdoc/>
    internal override void LeaveAwaited(int slot, bool isAbandoned)
    {
        if (!isAbandoned)
        {
            LeaveSlot(slot);
            return;
        }

        _slots.Abandon(slot);
        ReclaimSlots();
        if (IsEnded)
            RetireIfQuiet();
    }

    /// <inheritdoc/>
    private protected override void CancelRequest(int slot)
    {
        _replies.Cancel(slot);
        Volatile.Write(ref _usesLanes, true);
        RingIfAsleep();
    }

    /// <summary>Completes the calls whose replies were announced. On the loop's thread.</summary>
    /// <returns>How many; less than zero when a caller's code cost this thread the loop.</returns>
    private int TakeAnnounced()
    {
        if (_replyLanes.HasSignals())
            _announced |= _replyLanes.Take();
        if (_announced == 0)
            return 0;

        // A late reply may be among them. Now, because a caller's code may cost this thread the loop.
        if (_slots.HasAbandoned)
            ReclaimSlots();
        int done = 0;
        while (_announced != 0)
        {
            int slot = BitOperations.TrailingZeroCount(_announced);
            _announced &= _announced - 1;
            AwaitedCall? call = _awaited?[slot];
            if (call is null || !TryCompleteAwaited(call))
            {
                call?.WakeParked();
                continue;
            }

            done++;
            if (!Reactor.TryRunHere(call))
                return LostLoop;
        }

        return done;
    }

    /// <summary>Takes the reply of an awaited call, if it is there and nobody else has ended the call.</summary>
    private bool TryCompleteAwaited(AwaitedCall call)
    {
        // The generation first: if the swap succeeds, the slot was this call's all the time.
        ulong generation = call.Waiting;
        ref ulong previous = ref _slots.Previous(call.Slot);
        if (generation == 0 || !_replies.HasReply(call.Slot, Volatile.Read(ref previous)) || !call.TryClaim(generation))
            return false;

        call.SetResult(ReadReply(call.Slot, generation, ref previous, call.Reply.Span), isAbandoned: false);
        return true;
    }

    /// <summary>The connection has ended: so have all awaited calls. Their callers go on when the loop comes to it.</summary>
    private void EndAwaited()
    {
        foreach (AwaitedCall? call in Volatile.Read(ref _awaited) ?? [])
        {
            if (call is null)
                continue;
            call.WakeParked();
            ulong generation = call.Waiting;
            if (generation == 0 || !call.TryClaim(generation))
                continue;

            ref ulong previous = ref _slots.Previous(call.Slot);
            CallResult result = _replies.HasReply(call.Slot, previous)
                ? ReadReply(call.Slot, generation, ref previous, call.Reply.Span)
                : EndedResult(call.Slot);
            call.SetResult(result, isAbandoned: false);
            Reactor.Complete(call);
        }
    }

    private AwaitedCall AwaitedIn(int slot)
    {
        // The slot is the caller's, so nobody else makes one for it now.
        if (_awaited is null)
            Interlocked.CompareExchange(ref _awaited, new AwaitedCall?[SegmentLayout.SlotCount], null);
        AwaitedCall? call = _awaited[slot];
        if (call is null)
            Volatile.Write(ref _awaited[slot], call = new AwaitedCall(this, slot));
        return call;
    }
}
