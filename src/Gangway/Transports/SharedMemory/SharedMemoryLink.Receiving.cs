// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// The reader's side. The reactor's thread; TryReply from any.
internal sealed partial class SharedMemoryLink
{
    private const string RingFault = "a record had a kind, length, flag or extension that the protocol does not allow";
    private const string BellFault = "its socket carried something that is not a bell";

    private long _messagesReceived;
    private long _requestsReceived;
    private ulong _positionAtWish;
    private ulong _headAtWake;
    private ulong _doneAtWake;

    /// <inheritdoc/>
    internal override int Poll(int budget)
    {
        int taken = 0;
        while (taken < budget && EndReason == DisconnectReason.None && TryReceive())
            taken++;

        if (Volatile.Read(ref _blocked) != 0)
            HelpBlocked();
        if (Volatile.Read(ref _slotWaiters) != 0)
            ReclaimSlots();
        if (_reader.Position != _positionAtWish)
            GrantWish(isDry: taken < budget);
        return taken;
    }

    /// <inheritdoc/>
    internal override bool TryPark()
    {
        _sleeper.Announce();

        // Everything that can wake us, once more: records, and what blocked threads of ours wait for.
        bool mustStay = _reader.HasRecord(Order.SleepRecheck)
            || (Volatile.Read(ref _blocked) != 0 && HelpBlocked())
            || (Volatile.Read(ref _slotWaiters) != 0 && ReclaimSlots())
            || EndReason != DisconnectReason.None;
        if (mustStay)
            _sleeper.Wake();
        return !mustStay;
    }

    /// <inheritdoc/>
    internal override bool Wake()
    {
        // One packet: epoll is level-triggered and comes again for the rest, so nothing that a peer sends keeps us here.
        Span<byte> packet = stackalloc byte[Packet.RejectBytes + Packet.ReasonBytesMax];
        Errno errno = _socket.Receive(packet, out int count);

        // A server may refuse at the last moment, when we have said Up already: it never took anything.
        if (errno == Errno.None && !Endpoint.IsAccepted && Packet.TryReadReject(packet[..count], out _, out _))
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
        return true;
    }

    /// <inheritdoc/>
    internal override bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply)
    {
        if (!Endpoint.Transactions.TryComplete(slot, generation))
            return false;

        switch (_replyWriter.Publish(slot, generation, (ushort)status, reply))
        {
            case ReplyWaiting.Parked:
                Interlocked.Increment(ref _wakes);
                _segments.WakeReply(slot);
                break;
            case ReplyWaiting.Announce:
                RingIfAsleep();
                break;
        }

        return true;
    }

    /// <summary>Takes one record and runs its handler.</summary>
    private bool TryReceive()
    {
        switch (_reader.TryRead(_scratch.Bytes, out RecordHeader header))
        {
            case RingRead.Empty:
                return false;
            case RingRead.PeerFault:
                Fault(RingFault);
                return false;
        }

        if (!FrameReader.TryRead(header, _scratch.Bytes, out Frame frame))
        {
            Fault(RingFault);
            return false;
        }

        if (frame.Kind == FrameKind.Message)
        {
            Endpoint.Receive(this, frame, _scratch);
            CompleteMessage();
        }
        else
        {
            Volatile.Write(ref _requestsReceived, _requestsReceived + 1);
            Endpoint.Receive(this, frame, _scratch);
        }

        // The handler has returned: what still refers to its record says so instead of showing the next one.
        _scratch.Retire();
        return true;
    }

    private void CompleteMessage()
    {
        Volatile.Write(ref _messagesReceived, _messagesReceived + 1);

        // ORDER(RingDone): release. The handler is done with the message before its credit goes back.
        ProcessMemory.Write(ref _segments.Own.Word64(SegmentLayout.DoneOffset), (ulong)_messagesReceived, Order.RingDone);
    }

    /// <summary>Looks whether the peer waits for the space that was read: when dry, and every quarter of the ring.</summary>
    private void GrantWish(bool isDry)
    {
        if (!isDry && _reader.Position - _positionAtWish < SegmentLayout.RingBytes / 4)
            return;
        _positionAtWish = _reader.Position;
        if (_wish.PeerWaits())
            RingIfAsleep();
    }

    /// <summary>Wakes the threads that wait for room, if it may have come back.</summary>
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
        }

        return moved;
    }
}
