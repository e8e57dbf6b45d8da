// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Messages and credits. Any thread.
internal sealed partial class InProcessLink
{
    /// <summary>A message was refused, and its sender is owed a "send possible".</summary>
    private const ulong RefusedMessage = 1;

    /// <summary>A request was refused for lack of a slot.</summary>
    private const ulong RefusedCall = 2;

    private readonly SendPossibleNotice _sendPossible;
    private readonly RefusedSenders<ProcessMemory> _refused = new();

    /// <summary>Changes when credit comes back, and when the connection ends.</summary>
    private readonly ParkingWord _credit = new();

    /// <summary>Threads that wait for credit.</summary>
    private int _blocked;

    // INVARIANT: both only grow, and sent - completed is never over the credits.
    private long _messagesSent;
    private long _messagesCompleted;

    private bool HasCredit =>
        Volatile.Read(ref _messagesSent) - Volatile.Read(ref _messagesCompleted) < SegmentLayout.MessageCredits;

    /// <inheritdoc/>
    internal override Status TrySend(uint operation, ReadOnlySpan<byte> payload)
    {
        Status status = TrySendOnce(operation, payload);
        if (status == Status.Overloaded)
            NoteRefused(RefusedMessage);
        return status;
    }

    /// <inheritdoc/>
    internal override Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline)
    {
        while (true)
        {
            Status status = TrySendOnce(operation, payload);
            if (status == Status.Overloaded)
                status = WaitForCredit(deadline);
            else
                return status;
            if (status != Status.Ok)
                return status;
        }
    }

    /// <inheritdoc/>
    internal override void CompleteMessage() => _peer.TakeCreditBack();

    private Status TrySendOnce(uint operation, ReadOnlySpan<byte> payload)
    {
        if (_end.HasBegun)
            return Status.NotConnected;
        if (!TryTakeCredit())
            return Status.Overloaded;
        HandOver(FrameKind.Message, operation, 0, 0, payload, Deadline.Never, [], isStaying: false);
        return Status.Ok;
    }

    private bool TryTakeCredit()
    {
        // What was completed first: it only grows, so what is left of it is there.
        while (true)
        {
            long completed = Volatile.Read(ref _messagesCompleted);
            long sent = Volatile.Read(ref _messagesSent);
            if (sent - completed >= SegmentLayout.MessageCredits)
                return false;
            if (Interlocked.CompareExchange(ref _messagesSent, sent + 1, sent) == sent)
                return true;
        }
    }

    private void TakeCreditBack()
    {
        // A full fence: who is refused, or blocks, says so before its last look.
        Interlocked.Increment(ref _messagesCompleted);
        if (Volatile.Read(ref _blocked) != 0)
            WakeBlocked();
        if (_refused.Value != 0)
            TryUnblock();
    }

    /// <summary>A sender was refused: it is owed a notice, perhaps at once.</summary>
    private void NoteRefused(ulong what)
    {
        _refused.Add(what);
        TryUnblock();
    }

    /// <summary>If what was refused would be admitted now, posts the notice: who swaps the mark back does.</summary>
    private void TryUnblock()
    {
        ulong refused = _refused.Value, possible = 0;
        if (IsEnded)
            return;
        if (HasCredit)
            possible |= refused & RefusedMessage;
        if (_calls.HasFree)
            possible |= refused & RefusedCall;
        if (possible != 0 && _refused.TryRemove(possible))
            _sendPossible.Post();
    }

    private Status WaitForCredit(Deadline deadline)
    {
        Reactor.BeforeWait();
        Interlocked.Increment(ref _blocked);
        try
        {
            while (true)
            {
                uint seen = _credit.Value;
                if (_end.HasBegun)
                    return Status.NotConnected;
                if (HasCredit)
                    return Status.Ok;
                Interlocked.Increment(ref _parks);
                if (_credit.Wait(seen, deadline.Nanoseconds) == Errno.ETIMEDOUT)
                    return HasCredit ? Status.Ok : Status.DeadlineExceeded;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _blocked);
        }
    }

    private void WakeBlocked()
    {
        _credit.Bump();
        _credit.Wake(int.MaxValue);
    }
}
