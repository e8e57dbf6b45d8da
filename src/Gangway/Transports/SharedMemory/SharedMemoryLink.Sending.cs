// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Messages, room and bells. Any thread.
internal sealed partial class SharedMemoryLink
{
    private const string WindowFault = "its head or its count of completed messages went back, or past what was sent";

    /// <summary>Threads that wait for room or credit: while there are any, the reactor looks out for them.</summary>
    private int _blocked;

    private int _handOver;
    private int _owesBell;

    /// <inheritdoc/>
    internal override Status TrySend(uint operation, ReadOnlySpan<byte> payload) =>
        TrySendRecord(MessageHeader(operation, payload.Length), [], payload, out _);

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
        if (Interlocked.Exchange(ref _handOver, 0) != 0)
        {
            if (_sender.Continue() == RecordSend.HandToReactor)
                HandBatonToReactor();
            Bell<ProcessMemory>.Fence();
            RingIfAsleep();
        }

        if (Interlocked.Exchange(ref _owesBell, 0) != 0)
            RingIfAsleep();
        return Volatile.Read(ref _owesBell) != 0;
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
        try
        {
            errno = _socket.Send(bell);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

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
                // The only timer in the protocol: the reactor rings again after a millisecond.
                Volatile.Write(ref _owesBell, 1);
                if (!Reactor.IsCurrent)
                    Reactor.Attend(this);
                break;
            default:
                // The peer is gone; the reactor sees the same hang-up.
                break;
        }
    }

    /// <summary>Waits until the largest record would fit, or something changed.</summary>
    private Status WaitForRoom(uint messages, Deadline deadline)
    {
        if (Reactor.IsCurrent)
            return Status.Overloaded;

        var ladder = new Ladder(_mayPoll);
        while (_mayPoll && ladder.TryClimb(PeerCpu))
        {
            if (HasRoom(messages))
                return Status.Ok;
        }

        PublishCpu(ladder.Cpu);
        Interlocked.Increment(ref _blocked);
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
        if (Interlocked.Decrement(ref _blocked) != 0)
            return;

        // Another sender may have announced its wish between the count and this: it is sent round to announce again.
        _wish.Withdraw();
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _blocked) != 0)
            WakeBlocked();
    }

    private void WakeBlocked()
    {
        _room.Bump();
        _room.Wake(int.MaxValue);
    }
}
