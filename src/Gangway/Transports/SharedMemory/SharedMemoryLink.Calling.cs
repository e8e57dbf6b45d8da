// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// The caller's side of a transaction. Any thread, each with a slot of its own.
internal sealed partial class SharedMemoryLink
{
    private const string ReplyFault = "a reply had a generation that nobody waits for, or a length over the bound";

    private const string StatusFault = "a reply had a status that only the caller's side can find out";

    /// <summary>Changes when a slot is given back.</summary>
    private readonly ParkingWord _slotFree = new();

    private WaitHistory _replyWaits;
    private int _slotWaiters;

    /// <summary>Whether somebody waits for a slot, or is owed the news of one: then late replies are looked for.</summary>
    private bool IsSlotWanted => Volatile.Read(ref _slotWaiters) != 0 || (_refused.Value & RefusedCall) != 0;

    /// <inheritdoc/>
    internal override CallResult Call(
        uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain)
    {
        if (IsEnded || EndReason != DisconnectReason.None)
            return new CallResult(Status.NotConnected, 0);
        if (deadline.HasPassed)
            return new CallResult(Status.DeadlineExceeded, 0);

        // Whoever answers may need this thread's loop for it.
        Reactor.BeforeWait();
        if (!TryTakeSlot(out int slot, out ulong generation))
        {
            Status refusal = WaitForSlot(out slot, out generation, deadline);
            if (refusal != Status.Ok)
            {
                // A look at abandoned slots makes the table seem busy: it is this thread's to say that it is not.
                if (IsEnded)
                    RetireIfQuiet();
                return new CallResult(refusal, 0);
            }
        }

        // The slot is held from here to LeaveSlot; while it is, the segments stay what they are.
        _sender.ForgetRequest(slot);
        _replies.Prepare(slot, ReplyWaiting.Polling);
        Status sent = TrySendRequest(operation, slot, generation, request, deadline, chain, mayWait: true, out bool hasRung);
        if (sent != Status.Ok)
        {
            LeaveSlot(slot);
            return new CallResult(sent, 0);
        }

        return AwaitReply(slot, generation, reply, deadline, hasRung);
    }

    private Status TrySendRequest(
        uint operation, int slot, ulong generation, ReadOnlySpan<byte> request, Deadline deadline,
        ReadOnlySpan<ulong> chain, bool mayWait, out bool hasRung)
    {
        if (!deadline.IsNever || !chain.IsEmpty)
            return TrySendExtended(operation, slot, generation, request, deadline, chain, mayWait, out hasRung);
        var header = new RecordHeader(
            RecordKind.Request, RecordFlags.None, RecordHeader.Bytes + request.Length, operation, slot, generation);
        return mayWait
            ? SendRecord(header, [], request, deadline, out hasRung)
            : TrySendOrRefuse(header, [], request, out hasRung);
    }

    private Status TrySendExtended(
        uint operation, int slot, ulong generation, ReadOnlySpan<byte> request, Deadline deadline,
        ReadOnlySpan<ulong> chain, bool mayWait, out bool hasRung)
    {
        Span<byte> extension = stackalloc byte[sizeof(ulong) * (2 + RecordHeader.ChainLengthMax)];
        int bytes = 0;
        RecordFlags flags = RecordFlags.None;
        if (!deadline.IsNever)
        {
            flags |= RecordFlags.Deadline;
            BinaryPrimitives.WriteUInt64LittleEndian(extension, (ulong)deadline.Nanoseconds);
            bytes = sizeof(ulong);
        }

        if (!chain.IsEmpty)
        {
            flags |= RecordFlags.Chain;
            BinaryPrimitives.WriteUInt64LittleEndian(extension[bytes..], (ulong)chain.Length);
            MemoryMarshal.AsBytes(chain).CopyTo(extension[(bytes + sizeof(ulong))..]);
            bytes += sizeof(ulong) * (1 + chain.Length);
        }

        var header = new RecordHeader(
            RecordKind.Request, flags, RecordHeader.Bytes + bytes + request.Length, operation, slot, generation);
        return mayWait
            ? SendRecord(header, extension[..bytes], request, deadline, out hasRung)
            : TrySendOrRefuse(header, extension[..bytes], request, out hasRung);
    }

    /// <summary>Looks, polls or yields, then sleeps, until the reply, the deadline or the end of the connection.</summary>
    private CallResult AwaitReply(
        int slot, ulong generation, Span<byte> reply, Deadline deadline, bool hasRung)
    {
        ref ulong previous = ref _slots.Previous(slot);
        var ladder = new Ladder(_mayPoll && _replyWaits.PollingPays, hasRung);
        for (int look = 0; _mayPoll && look < Ladder.FreeLooks; look++)
        {
            if (_replies.HasReply(slot, previous))
                return TakeReply(slot, generation, ref previous, reply, ref ladder);
        }

        while (_mayPoll && !IsEnded && ladder.TryClimb(PeerCpu))
        {
            if (_replies.HasReply(slot, previous))
                return TakeReply(slot, generation, ref previous, reply, ref ladder);
        }

        PublishCpu(ladder.Cpu);
        while (true)
        {
            uint alarm = _alarm.Value;
            bool isEnded = IsEnded;

            // After the end one last look: a reply that was published before the peer's death is still delivered.
            if (_replies.HasReply(slot, previous))
                return TakeReply(slot, generation, ref previous, reply, ref ladder);
            if (isEnded)
                return EndedCall(slot);

            Interlocked.Increment(ref _parks);
            Reactor.BeginNeed();
            Errno errno = Endpoint.IsAccepted ? ParkInPrivate(slot, previous, deadline) : ParkOnReply(slot, previous, alarm, deadline);
            Reactor.EndNeed();
            _replies.Poll(slot);
            if (errno == Errno.ETIMEDOUT && !_replies.HasReply(slot, previous))
                return AbandonCall(slot, previous);
        }
    }

    /// <summary>The connecting side: asleep on the reply itself, woken by the replier, thread to thread.</summary>
    private Errno ParkOnReply(int slot, ulong previous, uint alarm, Deadline deadline) =>
        _replies.TryWait(slot, previous, ReplyWaiting.Parked)
            ? _segments.WaitReply(slot, previous, _alarm, alarm, deadline)
            : Errno.None;

    /// <summary>
    /// The listening side: a client could move a sleeper on a word that it maps to another word, so its callers sleep on a
    /// private one, and the loop wakes them when the reply is announced.
    /// </summary>
    private Errno ParkInPrivate(int slot, ulong previous, Deadline deadline)
    {
        AwaitedCall call = AwaitedIn(slot);
        call.IsParked = true;
        uint seen = call.Parked.Value;
        Volatile.Write(ref _usesLanes, true);
        Errno errno = _replies.TryWait(slot, previous, ReplyWaiting.Announce) && !IsEnded
            ? call.Parked.Wait(seen, deadline.Nanoseconds)
            : Errno.None;
        call.IsParked = false;
        return errno;
    }

    private CallResult TakeReply(
        int slot, ulong generation, ref ulong previous, Span<byte> reply, ref Ladder ladder)
    {
        if (ladder.Start != 0)
            NoteWait(ref ladder);

        CallResult result = ReadReply(slot, generation, ref previous, reply);
        LeaveSlot(slot);
        return result;
    }

    /// <summary>Reads the reply that is there, or the lie. The slot stays the caller's.</summary>
    private CallResult ReadReply(int slot, ulong generation, ref ulong previous, Span<byte> reply)
    {
        if (_replies.TryTake(slot, generation, ref previous, reply, out int lengthBytes) != ReplyRead.Taken)
        {
            Fault(ReplyFault);
            return EndedResult(slot);
        }

        // TRUST: a copy. A status that only this side can find out is a lie.
        var status = (Status)ReplyHeader.Status(previous);
        if (!Transaction.IsRepliersWord(status))
        {
            Fault(StatusFault);
            return EndedResult(slot);
        }

        return new CallResult(lengthBytes > reply.Length ? Status.ReplyTooLarge : status, lengthBytes);
    }

    /// <summary>Learns from a wait that went past the free looks.</summary>
    private void NoteWait(ref Ladder ladder)
    {
        PublishCpu(ladder.Cpu);
        long waited = Deadline.Now - ladder.Start;
        if (ladder.TellsWakeCost)
            WakeCost.Observe(waited);
        _replyWaits.Note(waited);
    }

    /// <summary>The connection ended first: the peer's last head says whether the request was ever taken.</summary>
    private CallResult EndedCall(int slot)
    {
        CallResult result = EndedResult(slot);
        LeaveSlot(slot);
        return result;
    }

    private CallResult EndedResult(int slot)
    {
        // While we are only about to end, nobody knows yet what the peer takes.
        bool isTaken = !IsEnded || _sender.RequestEnd(slot) <= Volatile.Read(ref _finalHead);
        return new CallResult(isTaken ? Status.OutcomeUnknown : Status.NotSent, 0);
    }

    /// <summary>Leaves the slot to the late reply: the reactor, told by the replier, gives it back.</summary>
    private CallResult AbandonCall(int slot, ulong previous)
    {
        // The look comes after the mark: a reply that came before it rang a reactor that found nothing to give back.
        _replies.TryWait(slot, previous, ReplyWaiting.Announce);
        CancelRequest(slot);
        LeaveAwaited(slot, isAbandoned: true);
        return new CallResult(Status.DeadlineExceeded, 0);
    }

    private void LeaveSlot(int slot)
    {
        _slots.Release(slot);
        if (Volatile.Read(ref _slotWaiters) != 0)
            WakeSlotWaiters(1);
        TellRefusedCallers();
        if (IsEnded)
            RetireIfQuiet();
    }

    private bool TryTakeSlot(out int slot, out ulong generation)
    {
        if (_slots.HasAbandoned)
            ReclaimSlots();
        return _slots.TryTake(out slot, out generation);
    }

    /// <summary>Gives back the abandoned slots whose late reply has come, and wakes as many who wait for one.</summary>
    private bool ReclaimSlots()
    {
        int freed = _slots.Reclaim();
        if (freed != 0)
        {
            WakeSlotWaiters(freed);
            TellRefusedCallers();
        }

        return freed != 0;
    }

    /// <summary>A slot is free again: who was refused for lack of one may hear of it.</summary>
    private void TellRefusedCallers()
    {
        if ((_refused.Value & RefusedCall) != 0)
            Reactor.Attend(this);
    }

    private void WakeSlotWaiters(int count)
    {
        _slotFree.Bump();
        _slotFree.Wake(count);
    }

    /// <summary>All slots are taken: waits until one is given back.</summary>
    private Status WaitForSlot(out int slot, out ulong generation, Deadline deadline)
    {
        slot = 0;
        generation = 0;
        // The count comes before the look at the slots; who gives one back looks at the count afterwards.
        Interlocked.Increment(ref _slotWaiters);
        try
        {
            while (true)
            {
                uint seen = _slotFree.Value;
                if (IsEnded || EndReason != DisconnectReason.None)
                    return Status.NotConnected;
                if (TryTakeSlot(out slot, out generation))
                    return Status.Ok;
                Interlocked.Increment(ref _parks);
                Reactor.BeginNeed();
                Errno errno = _slotFree.Wait(seen, deadline.Nanoseconds);
                Reactor.EndNeed();
                if (errno == Errno.ETIMEDOUT)
                    return Status.DeadlineExceeded;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _slotWaiters);
        }
    }
}
