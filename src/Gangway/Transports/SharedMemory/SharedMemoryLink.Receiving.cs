// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// The reader's side. The reactor's thread; TryReply from any.
internal sealed partial class SharedMemoryLink
{
    private const string RingFault = "a record had a kind, length, flag or extension that the protocol does not allow";
    private const string CreditFault = "it sent more messages than it has credits for";
    private const string BellFault = "its socket carried something that is not a bell";

    private const int LostLoop = -1;

    /// <summary>The most requests that a ring holds.</summary>
    private const int RequestsInRing = SegmentLayout.RingBytes / SegmentLayout.LineBytes;

    private long _messagesReceived;
    private long _messagesCompleted;
    private long _doneAnnounced;
    private long _requestsReceived;
    private ulong _positionAtWish;
    private ulong _headAtWake;
    private ulong _doneAtWake;
    private int _earlyCancels;

    /// <summary>Whether a delivery of this link ever outlived its turn: from then on cancels are looked at.</summary>
    private bool _passesOn;

    private bool _isParked;

    /// <summary>Whether credits went back since the last look at the peer's wish.</summary>
    private bool _mustGrant;

    /// <inheritdoc/>
    internal override int LinesPerPoll => (_usesLanes || _passesOn ? 2 : 1) + (_granted is null ? 0 : 1);

    /// <inheritdoc/>
    internal override int Poll(int budget)
    {
        // Most polls of most hot connections end here.
        int signals = _granted is not null && _granted.HasSignals() ? _granted.Take() : 0;
        bool isDry = !_reader.HasRecord();
        if (isDry && signals == 0 && !HasMoreThanRecords())
            return 0;

        int taken = 0;
        while (!isDry && taken < budget && EndReason == DisconnectReason.None)
        {
            int received = Receive(mayRunHere: true);
            if (received < 0)
                return LostLoop;
            isDry = received == 0;
            taken += received;
        }

        AnnounceKept();
        Endpoint.EndPoll();
        if (_passesOn && _cancels.HasCancels())
            CancelRequested();
        PublishDone();
        if (IsAnyBlocked)
            HelpBlocked();
        if (IsSlotWanted)
            ReclaimSlots();
        if (_reader.Position != _positionAtWish || _mustGrant)
            GrantWish(isDry);
        if (!Volatile.Read(ref _usesLanes))
            return taken + signals;

        // Last, because a caller's code may cost this thread the loop.
        int completed = TakeAnnounced();
        return completed < 0 ? LostLoop : taken + signals + completed;
    }

    /// <summary>Whether a poll may find anything but records.</summary>
    private bool HasMoreThanRecords() =>
        _usesLanes || _passesOn || _mustGrant || IsAnyBlocked
        || Volatile.Read(ref _slotWaiters) != 0
        || Volatile.Read(ref _messagesCompleted) != _doneAnnounced
        || _reader.Position != _positionAtWish
        || EndReason != DisconnectReason.None;

    /// <inheritdoc/>
    internal override bool TryPark()
    {
        if (_passesOn && !Endpoint.Transactions.HasPending)
            _passesOn = false;
        Volatile.Write(ref _isParked, true);
        _sleeper.Announce();

        // Everything that can wake us, once more: records, replies, cancels, and what blocked threads of ours wait for.
        bool mustStay = _reader.HasRecord(Order.SleepRecheck)
            || (Volatile.Read(ref _usesLanes) && _replyLanes.HasSignals(Order.SleepRecheck))
            || (_passesOn && _cancels.HasCancels(Order.SleepRecheck))
            || (_granted is not null && _granted.HasSignals(Order.SleepRecheck))
            || Volatile.Read(ref _messagesCompleted) != _doneAnnounced
            || (IsAnyBlocked && HelpBlocked())
            || (IsSlotWanted && ReclaimSlots())
            || EndReason != DisconnectReason.None;
        if (mustStay)
        {
            _sleeper.Wake();
            Volatile.Write(ref _isParked, false);
        }

        return !mustStay;
    }

    /// <inheritdoc/>
    internal override bool Wake()
    {
        // One packet: epoll is level-triggered and comes again for the rest, so nothing that a peer sends keeps us here.
        Span<byte> packet = stackalloc byte[HandshakePacket.RejectBytes + HandshakePacket.ReasonBytesMax];
        Errno errno = _socket.Receive(packet, out int count);

        // A server may refuse at the last moment, when we have said Up already: it never took anything.
        if (errno == Errno.None && !Endpoint.IsAccepted && HandshakePacket.TryReadReject(packet[..count], out _, out _))
        {
            Interlocked.CompareExchange(ref _endReason, (int)DisconnectReason.PeerGone, 0);
            return false;
        }

        // TRUST: a bell has one byte, whose value says nothing. No byte is the end of the stream: epoll says that too.
        if (errno == Errno.EMSGSIZE || (count > 1 && !TryTakeUnmapped(packet[..count])))
        {
            Fault(BellFault);
            return false;
        }

        _sleeper.Wake();
        Volatile.Write(ref _isParked, false);
        return true;
    }

    /// <summary>Takes one record, and has it handled.</summary>
    /// <returns>1, or 0 when there is none or a lie; less when a handler cost this thread the loop.</returns>
    private int Receive(bool mayRunHere)
    {
        Delivery delivery = Reactor.RentDelivery();
        if (!TryRead(delivery))
        {
            Reactor.ReturnDelivery(delivery);
            return 0;
        }

        FrameKind kind = delivery.Frame.Kind;
        if (kind == FrameKind.Message && !TryTakeCredit())
        {
            Reactor.ReturnDelivery(delivery);
            return 0;
        }

        if (kind == FrameKind.Request)
            Volatile.Write(ref _requestsReceived, _requestsReceived + 1);

        // Whoever has the loop while the handler runs looks at cancels.
        bool passedOnBefore = _passesOn;
        _passesOn = true;
        delivery.Begin(this);
        Received received = Endpoint.Receive(delivery, mayRunHere);
        if (received == Received.LostLoop)
            return LostLoop;
        if (received == Received.Kept)
        {
            _passesOn = passedOnBefore;
            Reactor.ReturnDelivery(delivery);
        }

        return 1;
    }

    /// <summary>Counts a message that was taken against the credits that the peer has.</summary>
    /// <returns>False when it has none: it lies about what was completed, to have us hold more than we granted.</returns>
    private bool TryTakeCredit()
    {
        // An honest sender is never over it: what it has seen completed, we had counted before.
        if (_messagesReceived - Volatile.Read(ref _messagesCompleted) >= SegmentLayout.MessageCredits)
        {
            Fault(CreditFault);
            return false;
        }

        Volatile.Write(ref _messagesReceived, _messagesReceived + 1);
        return true;
    }

    private bool TryRead(Delivery delivery)
    {
        RingRead read = _reader.TryRead(delivery.Bytes, out RecordHeader header);
        if (read == RingRead.Empty)
            return false;
        if (read == RingRead.Record && FrameReader.TryRead(header, delivery.Bytes, out delivery.Frame))
            return true;
        Fault(RingFault);
        return false;
    }

    /// <inheritdoc/>
    internal override void NoteRequest(Delivery delivery)
    {
        if (_earlyCancels == 0)
            return;
        _earlyCancels--;
        if (_cancels.IsCancelled(delivery.Frame.Slot))
            delivery.Cancel(delivery.Stamp);
    }

    /// <summary>The count of cancels has changed: looks at every request that is not answered.</summary>
    private void CancelRequested()
    {
        if (!_cancels.TryTake())
            return;
        for (int slot = 0; slot < SegmentLayout.SlotCount; slot++)
        {
            if (_cancels.IsCancelled(slot))
                Endpoint.Transactions.Find(slot, out uint stamp)?.Cancel(stamp);
        }

        // A request that is still in the ring may be cancelled already: those are looked at when they are taken.
        _earlyCancels = RequestsInRing;
    }

    /// <inheritdoc/>
    internal override void CompleteMessage()
    {
        // The count comes before the look at _isParked, as the mark comes before the last look at the count (TryPark).
        Interlocked.Increment(ref _messagesCompleted);
        if (Volatile.Read(ref _isParked))
            Reactor.Attend(this);
    }

    /// <summary>Gives back the credits of the messages that were completed since. On the loop's thread: one writer.</summary>
    private void PublishDone()
    {
        long completed = Volatile.Read(ref _messagesCompleted);
        if (completed == _doneAnnounced)
            return;
        _doneAnnounced = completed;

        // ORDER(RingDone): release. The handlers are done with the messages before their credits go back.
        ProcessMemory.Write(ref _segments.Own.Word64(SegmentLayout.DoneOffset), (ulong)completed, Order.RingDone);
        _mustGrant = true;
    }

    /// <summary>Looks whether the peer waits for the space that was read: when dry, and every quarter of the ring.</summary>
    private void GrantWish(bool isDry)
    {
        if (!isDry && _reader.Position - _positionAtWish < SegmentLayout.RingBytes / 4)
            return;
        _positionAtWish = _reader.Position;
        _mustGrant = false;
        if (_wish.PeerWaits())
            RingIfAsleep();
    }

    /// <summary>Wakes the threads that wait for room and tells refused senders, if it may have come back.</summary>
    private bool HelpBlocked()
    {
        if (!_sender.Window.TryRefresh())
        {
            Fault(WindowFault);
            return true;
        }

        ulong head = _sender.Window.Head, done = _sender.Window.Done;
        bool moved = head != _headAtWake || done != _doneAtWake;
        if (moved)
        {
            _headAtWake = head;
            _doneAtWake = done;
            WakeBlocked();
            TryUnblock();
        }

        return moved;
    }
}
