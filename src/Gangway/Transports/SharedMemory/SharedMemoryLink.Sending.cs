// SPDX-License-Identifier: MIT

using System.Numerics;
using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Messages, room and bells. Any thread.
internal sealed partial class SharedMemoryLink
{
    private const string WindowFault = "its head or its count of completed messages went back, or past what was sent";

    /// <summary>A message was refused, and its sender is owed a "send possible".</summary>
    private const ulong RefusedMessage = 1;

    /// <summary>A request was refused, for lack of room or of a slot.</summary>
    private const ulong RefusedCall = 2;

    private readonly SendPossibleNotice _sendPossible;

    /// <summary>Threads that wait for room or credit.</summary>
    private int _blocked;

    private readonly RefusedSenders<ProcessMemory> _refused = new();

    /// <summary>Whether anybody waits for what the peer gives back: while somebody does, the loop looks out for it.</summary>
    private bool IsAnyBlocked => Volatile.Read(ref _blocked) != 0 || _refused.Value != 0;

    private int _handOver;
    private int _owesBell;
    private ulong _owedWakes;
    private bool _isAttending;
    private WakeMeter? _meter;

    /// <inheritdoc/>
    internal override Status TrySend(uint operation, ReadOnlySpan<byte> payload) =>
        TrySendOrRefuse(MessageHeader(operation, payload.Length), [], payload, out _);

    /// <inheritdoc/>
    internal override Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline) =>
        SendRecord(MessageHeader(operation, payload.Length), [], payload, deadline, out _);

    private static RecordHeader MessageHeader(uint operation, int payloadBytes) =>
        new(RecordKind.Message, RecordFlags.None, RecordHeader.Bytes + payloadBytes, operation);

    private Status SendRecord(
        RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload, Deadline deadline,
        out bool hasRung)
    {
        while (true)
        {
            Status status = TrySendRecord(header, extension, payload, out hasRung);
            if (status != Status.Overloaded)
                return status;
            status = WaitForRoom(header.Kind == RecordKind.Message ? 1u : 0u, deadline);
            if (status != Status.Ok)
                return status;
        }
    }

    /// <summary>Sends without waiting. Refused, the sender is owed one "send possible".</summary>
    private Status TrySendOrRefuse(
        RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload, out bool hasRung)
    {
        Status status = TrySendRecord(header, extension, payload, out hasRung);
        if (status == Status.Overloaded)
            NoteRefused(header.Kind == RecordKind.Message ? RefusedMessage : RefusedCall);
        return status;
    }

    /// <summary>A sender was refused. From here to the notice the loop looks at the peer's head and done.</summary>
    private void NoteRefused(ulong what)
    {
        _refused.Add(what);
        TryUnblock();
    }

    /// <summary>If what was refused would be admitted now, posts the notice: who swaps the mark back does.</summary>
    private void TryUnblock()
    {
        ulong refused = _refused.Value;
        if (refused == 0 || IsEnded)
            return;
        _wish.Announce();
        ulong possible = 0;
        if ((refused & RefusedMessage) != 0 && HasRoom(1))
            possible |= RefusedMessage;
        if ((refused & RefusedCall) != 0 && HasRoom(0) && _slots.HasFree)
            possible |= RefusedCall;
        if (possible == 0 || !_refused.TryRemove(possible))
            return;
        _sendPossible.Post();
        WithdrawWish();
    }

    private Status TrySendRecord(
        RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload, out bool hasRung)
    {
        hasRung = false;
        if (IsEnded || EndReason != DisconnectReason.None)
            return Status.NotConnected;

        switch (_sender.TrySend(header, extension, payload))
        {
            case RecordSend.Written:
                hasRung = RingIfAsleep();
                if (Volatile.Read(ref _endWaits) != 0)
                    Reactor.Attend(this);
                return Status.Ok;
            case RecordSend.Queued:
                return Status.Ok;
            case RecordSend.HandToReactor:
                HandBatonToReactor();
                Bell<ProcessMemory>.Fence();
                RingIfAsleep();
                return Status.Ok;
            case RecordSend.Refused:
                return Status.Overloaded;
            default:
                Fault(WindowFault);
                return Status.NotConnected;
        }
    }

    private void HandBatonToReactor()
    {
        Volatile.Write(ref _handOver, 1);
        Reactor.Attend(this);
    }

    /// <inheritdoc/>
    internal override bool Attend()
    {
        _isAttending = true;
        if (Interlocked.Exchange(ref _handOver, 0) != 0)
        {
            if (_sender.Continue() == RecordSend.HandToReactor)
                HandBatonToReactor();
            Bell<ProcessMemory>.Fence();
            RingIfAsleep();
        }

        PublishDone();
        if (_mustGrant)
            GrantWish(isDry: true);
        TryUnblock();
        bool owes = PayWakes();
        if (Interlocked.Exchange(ref _owesBell, 0) != 0)
            RingIfAsleep();
        _isAttending = false;
        return owes || Volatile.Read(ref _owesBell) != 0;
    }

    /// <summary>Rings the peer if its reader sleeps. Comes after a full fence: the baton's release, or one of its own.</summary>
    private bool RingIfAsleep()
    {
        if (!_bell.MustRing(out uint sleep))
            return false;
        Ring(sleep);
        return true;
    }

    private void Ring(uint sleep)
    {
        ReadOnlySpan<byte> bell = [0];
        Errno errno;
        WakeMeter meter = Meter();
        if (!meter.TryBegin(out long started))
        {
            OweBell();
            return;
        }

        try
        {
            errno = _socket.Send(bell);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        meter.End(started);
        switch (errno)
        {
            case Errno.None:
                Interlocked.Increment(ref _rings);
                _bell.MarkRung(sleep);
                break;
            case Errno.EAGAIN:
                _bell.MarkRung(sleep);
                break;
            case Errno.ENOMEM or Errno.ENOBUFS:
                OweBell();
                break;
            default:
                // The peer is gone; the reactor sees the same hang-up.
                break;
        }
    }

    /// <summary>
    /// The bell cannot be rung for lack of memory, or this peer makes waking it so dear that it is woken once in a
    /// millisecond: the loop tries again after one. The only timer in the protocol.
    /// </summary>
    private void OweBell()
    {
        Volatile.Write(ref _owesBell, 1);
        AskForAttention();
    }

    /// <summary>Wakes the caller of the other side that sleeps on a reply.</summary>
    private void WakeCaller(int slot)
    {
        WakeMeter meter = Meter();
        if (!meter.TryBegin(out long started))
        {
            Interlocked.Or(ref _owedWakes, 1UL << slot);
            AskForAttention();
            return;
        }

        Interlocked.Increment(ref _wakes);
        _segments.WakeReply(slot);
        meter.End(started);
    }

    /// <summary>Wakes the callers whose wake-up was put off. On the loop's thread.</summary>
    /// <returns>True when it is still too early.</returns>
    private bool PayWakes()
    {
        if (Volatile.Read(ref _owedWakes) == 0)
            return false;
        WakeMeter meter = Meter();
        if (!meter.TryBegin(out long started))
            return true;

        for (ulong slots = Interlocked.Exchange(ref _owedWakes, 0); slots != 0; slots &= slots - 1)
        {
            Interlocked.Increment(ref _wakes);
            _segments.WakeReply(BitOperations.TrailingZeroCount(slots));
        }

        meter.End(started);
        return false;
    }

    private void AskForAttention()
    {
        // What is asked for in the middle of attending is owed, and the loop comes back to it by its clock.
        if (!_isAttending || !Reactor.HasLoop)
            Reactor.Attend(this);
    }

    private WakeMeter Meter()
    {
        if (_meter is { } meter)
            return meter;
        WakeMeter made = Reactor.Wakes.Add();
        WakeMeter? found = Interlocked.CompareExchange(ref _meter, made, null);
        if (found is null)
            return made;
        Reactor.Wakes.Remove(made);
        return found;
    }

    /// <summary>Waits until the largest record would fit, or something changed.</summary>
    private Status WaitForRoom(uint messages, Deadline deadline)
    {
        Reactor.BeforeWait();
        var ladder = new Ladder(_mayPoll);
        while (_mayPoll && ladder.TryClimb(PeerCpu))
        {
            if (HasRoom(messages))
                return Status.Ok;
        }

        PublishCpu(ladder.Cpu);
        Interlocked.Increment(ref _blocked);
        Reactor.BeginNeed();
        try
        {
            while (true)
            {
                uint seen = _room.Value;
                if (IsEnded || EndReason != DisconnectReason.None)
                    return Status.NotConnected;
                _wish.Announce();
                if (HasRoom(messages))
                    return Status.Ok;

                Interlocked.Increment(ref _parks);
                if (_room.Wait(seen, deadline.Nanoseconds) == Errno.ETIMEDOUT)
                    return HasRoom(messages) ? Status.Ok : Status.DeadlineExceeded;
                if (HasRoom(messages))
                    return Status.Ok;
            }
        }
        finally
        {
            StopBlocking();
            Reactor.EndNeed();
        }
    }

    private bool HasRoom(uint messages)
    {
        Admission room = _sender.Window.Recheck(messages);
        if (room == Admission.PeerFault)
            Fault(WindowFault);
        return room != Admission.Refused;
    }

    private void StopBlocking()
    {
        Interlocked.Decrement(ref _blocked);
        WithdrawWish();
    }

    /// <summary>Takes the wish for room back, if nobody has it any more.</summary>
    private void WithdrawWish()
    {
        if (IsAnyBlocked)
            return;

        // Another sender may have announced its wish between the look and this: it is sent round to announce again.
        _wish.Withdraw();
        if (Volatile.Read(ref _blocked) != 0)
            WakeBlocked();
        if (_refused.Value != 0)
            Reactor.Attend(this);
    }

    private void WakeBlocked()
    {
        _room.Bump();
        _room.Wake(int.MaxValue);
    }
}
