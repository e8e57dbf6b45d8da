// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

// The end of a connection: both links at once, on the clients' loop.
internal sealed partial class InProcessLink
{
    /// <inheritdoc/>
    internal override void EndSoon(DisconnectReason reason) => TryEnd(reason, detail: null);

    /// <inheritdoc/>
    internal override void Fault(string detail)
    {
        if (TryEnd(DisconnectReason.PeerFault, detail))
            GangwayEvents.Log.PeerFault(Endpoint.Address.ToString(), Endpoint.Peer!.ToString(), detail);
    }

    private bool TryEnd(DisconnectReason reason, string? detail)
    {
        if (!_end.TryBegin(this, reason, detail))
            return false;
        Reactor.Post(EndNow);
        return true;
    }

    private void EndNow()
    {
        // What has not started yet ends as soon as it has.
        InProcessLink client = Endpoint.IsAccepted ? _peer : this;
        lock (_end)
        {
            if (!client._isStarted || _isEnded)
                return;
            Volatile.Write(ref _isEnded, true);
            Volatile.Write(ref _peer._isEnded, true);
        }

        // The mark before the looks at who waits; whoever waits says so, fences, and looks at the mark.
        Interlocked.MemoryBarrier();
        EndWaiting();
        _peer.EndWaiting();
        _peer.Endpoint.OnLinkEnded(_peer, _end.ReasonOf(_peer));
        Endpoint.OnLinkEnded(this, _end.ReasonOf(this));
    }

    /// <summary>Whoever waits on this side has its status, or looks for it.</summary>
    private void EndWaiting()
    {
        _granted.End();
        WakeBlocked();
        WakeSlotWaiters(int.MaxValue);
        foreach (InProcessCall? call in _calls.All)
        {
            if (call?.WaiterIfAny is not { } waiter)
                continue;
            waiter.WakeParked();
            ulong generation = waiter.Waiting;
            if (generation == 0 || !waiter.TryClaim(generation))
                continue;

            // Claimed, the slot keeps this use: a late reply finds that nobody waits, and waits for the caller to leave.
            CallResult result = call.IsAnswered ? call.Read(waiter.Reply.Span) : EndedResult(call);
            waiter.SetResult(result, isAbandoned: true);
            Reactor.Complete(waiter);
        }
    }

    /// <summary>What becomes of a call that has no reply at the end: whether its handler was ever started is known.</summary>
    private CallResult EndedResult(InProcessCall call)
    {
        // The end has cancelled what it found; this request may have come behind it.
        Delivery? delivery = _peer.Transactions.Find(call.Slot, out uint stamp);
        bool isWithdrawn = delivery is not null && delivery.TryWithdraw(stamp);
        delivery?.Cancel(stamp);
        return new CallResult(isWithdrawn ? Status.NotSent : Status.OutcomeUnknown, 0);
    }
}
