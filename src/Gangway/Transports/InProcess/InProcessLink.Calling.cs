// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

// The caller's side of a transaction, and the replier's. Any thread.
internal sealed partial class InProcessLink
{
    /// <summary>Changes when a slot is given back.</summary>
    private readonly ParkingWord _slotFree = new();

    private WaitHistory _replyWaits;
    private int _slotWaiters;

    /// <inheritdoc/>
    internal override CallResult Call(
        uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain)
    {
        if (_end.HasBegun)
            return new CallResult(Status.NotConnected, 0);
        if (deadline.HasPassed)
            return new CallResult(Status.DeadlineExceeded, 0);
        Reactor.RequireMayCall(ThreadRole.IfAny);
        InProcessCall? call = _calls.TryTake();
        if (call is null)
        {
            Status refusal = WaitForSlot(out call, deadline);
            if (call is null)
                return new CallResult(refusal, 0);
        }

        ulong generation = call.Begin();
        HandOver(FrameKind.Request, operation, call.Slot, generation, request, deadline, chain,
            isStaying: deadline.IsNever || deadline.IsImplied);
        if (!call.IsAnswered)
            return AwaitReply(call, reply, deadline);
        CallResult result = call.Read(reply);
        Leave(call);
        return result;
    }

    /// <inheritdoc/>
    internal override ValueTask<CallResult> CallAsync(
        uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain,
        CancellationToken cancellationToken)
    {
        if (_end.HasBegun)
            return Ended(Status.NotConnected);
        if (cancellationToken.IsCancellationRequested)
            return Ended(Status.Cancelled);
        if (deadline.HasPassed)
            return Ended(Status.DeadlineExceeded);
        Reactor.RequireMayCall(ThreadRole.IfAny);
        InProcessCall? call = _calls.TryTake();
        if (call is null)
        {
            NoteRefused(RefusedCall);
            return Ended(Status.Overloaded);
        }

        ulong generation = call.Begin();

        // One inside a handler always has a deadline: branches that a handler starts side by side do not wait for each other.
        bool isStaying = deadline.IsNever && !cancellationToken.CanBeCanceled;
        HandOver(FrameKind.Request, operation, call.Slot, generation, request, deadline, chain, isStaying);
        if (call.IsAnswered)
        {
            CallResult result = call.Read(reply.Span);
            Leave(call);
            return new ValueTask<CallResult>(result);
        }

        AwaitedCall waiter = call.Waiter;
        waiter.Begin(generation, reply, deadline, cancellationToken);
        ValueTask<CallResult> task = waiter.AsTask();

        // From here on the call may end, and with it the slot's use, at any instruction.
        call.Await();
        if ((call.IsAnswered || IsEnded) && waiter.TryClaim(generation))
        {
            CallResult result = call.IsAnswered ? call.Read(reply.Span) : EndedResult(call);
            LeaveAwaited(call.Slot, isAbandoned: true);
            return new ValueTask<CallResult>(result);
        }

        Watch(waiter, generation, deadline, cancellationToken);
        return task;
    }

    /// <inheritdoc/>
    internal override bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply)
    {
        TransactionTable transactions = Endpoint.Transactions;
        if (!transactions.TryAnswer(slot, generation))
            return false;

        // As over shared memory: written, then ended here, then published, for then the slot may be used again at once.
        InProcessCall call = _peer._calls[slot];
        call.Write(status, reply);
        Delivery? left = transactions.EndAnswer(slot, generation);
        if (call.Publish(generation))
            _peer.Leave(call);
        left?.FinishDeferred();
        return true;
    }

    /// <inheritdoc/>
    internal override void NoteRequest(Delivery delivery) =>
        // Nobody can have cancelled it: it is being handed over.
        _peer._calls[delivery.Frame.Slot].Taken = delivery.Frame.Generation;

    /// <inheritdoc/>
    internal override void LeaveAwaited(int slot, bool isAbandoned)
    {
        InProcessCall call = _calls[slot];
        if (!isAbandoned || call.TryLeave())
            Leave(call);
    }

    /// <inheritdoc/>
    private protected override void CancelRequest(int slot) =>
        _peer.Endpoint.Transactions.Find(slot, out uint stamp)?.Cancel(stamp);

    private static ValueTask<CallResult> Ended(Status status) => new(new CallResult(status, 0));

    /// <summary>Polls for as long as a wake-up costs, then sleeps, until the reply, the deadline or the end of the connection.</summary>
    private CallResult AwaitReply(InProcessCall call, Span<byte> reply, Deadline deadline)
    {
        // Whoever answers may need this thread's loop for it.
        Reactor.BeforeWait();
        var ladder = new Ladder(_mayPoll && _replyWaits.PollingPays);
        while (_mayPoll && !call.IsAnswered && !IsEnded && ladder.TryClimb(peerCpu: -1))
        {
        }

        Status status = call.IsAnswered ? Status.Ok : Park(call, deadline);
        if (ladder.Start != 0)
            _replyWaits.Note(Deadline.Now - ladder.Start);
        if (status == Status.Ok)
        {
            CallResult result = call.Read(reply);
            Leave(call);
            return result;
        }

        LeaveAwaited(call.Slot, isAbandoned: true);
        return new CallResult(status, 0);
    }

    /// <summary>Sleeps until the reply.</summary>
    /// <returns>Ok when it is there.</returns>
    private Status Park(InProcessCall call, Deadline deadline)
    {
        AwaitedCall waiter = call.Waiter;
        while (true)
        {
            waiter.IsParked = true;
            uint seen = waiter.Parked.Value;
            Interlocked.MemoryBarrier();
            Errno errno = Errno.None;
            if (!call.IsAnswered && !IsEnded)
            {
                Interlocked.Increment(ref _parks);
                errno = waiter.Parked.Wait(seen, deadline.Nanoseconds);
            }

            waiter.IsParked = false;
            if (call.IsAnswered)
                return Status.Ok;
            if (IsEnded)
                return EndedResult(call).Status;
            if (errno != Errno.ETIMEDOUT)
                continue;
            CancelRequest(call.Slot);
            return Status.DeadlineExceeded;
        }
    }

    /// <summary>Gives a slot back, and tells who waits for one.</summary>
    private void Leave(InProcessCall call)
    {
        // A full fence: who wants a slot says so before its last look for one.
        _calls.Release(call);
        if (Volatile.Read(ref _slotWaiters) != 0)
            WakeSlotWaiters(1);
        if (_refused.Value != 0)
            TryUnblock();
    }

    private void WakeSlotWaiters(int count)
    {
        _slotFree.Bump();
        _slotFree.Wake(count);
    }

    /// <summary>All slots are taken: waits until one is given back.</summary>
    private Status WaitForSlot(out InProcessCall? call, Deadline deadline)
    {
        Reactor.BeforeWait();
        Interlocked.Increment(ref _slotWaiters);
        try
        {
            while (true)
            {
                uint seen = _slotFree.Value;
                call = null;
                if (_end.HasBegun)
                    return Status.NotConnected;
                call = _calls.TryTake();
                if (call is not null)
                    return Status.Ok;
                Interlocked.Increment(ref _parks);
                if (_slotFree.Wait(seen, deadline.Nanoseconds) == Errno.ETIMEDOUT)
                    return Status.DeadlineExceeded;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _slotWaiters);
        }
    }
}
