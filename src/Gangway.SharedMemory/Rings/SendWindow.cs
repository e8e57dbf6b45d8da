// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Decides before anything is queued whether a record fits, so that all that is admitted can be written.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Nobody waits here.</remarks>
internal sealed class SendWindow<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // One private word counts what was ever taken: lines of the ring (low half) and messages (high half). What the peer
    // gave back are its head and its count of completed messages. Both only grow, so "in use" is a difference, and
    // admission is one compare-and-swap. A pad is counted by the writer when it is written.
    //
    // INVARIANT: taken lines - head lines <= RingLines - 1. Proof: admission leaves room for one pad and for the zero
    // ahead; what is admitted and not yet written is less than a lap, so it passes the end, and needs a pad, once.

    internal const int RingLines = SegmentLayout.RingBytes / SegmentLayout.LineBytes;
    private const uint PadLinesMax = (RecordHeader.RecordBytesMax + 63) / 64 - 1;
    private const uint BudgetLines = RingLines - 1 - PadLinesMax;

    private const int Taken = 0;
    private const int HeadSeen = 1;
    private const int DoneSeen = 2;
    private const int Written = 3;

    private readonly Segment _peer;
    private readonly PrivateWords _words = new(4);

    /// <summary>Starts with an empty ring and all credits.</summary>
    /// <param name="peer">The segment in which the reader publishes its head.</param>
    internal SendWindow(Segment peer) => _peer = peer;

    /// <summary>The last head of the peer that was looked at and found good.</summary>
    internal ulong Head => TMemory.Read(in _words[HeadSeen], Order.Admission);

    /// <summary>Takes the space of one record and, for a message, a credit.</summary>
    /// <param name="recordBytes">Length of the record.</param>
    /// <param name="messages">1 for a message, 0 for a request.</param>
    internal Admission TryAdmit(int recordBytes, uint messages)
    {
        uint lines = (uint)RecordHeader.OccupiedBytes(recordBytes) / SegmentLayout.LineBytes;
        ulong taken = TMemory.Read(in _words[Taken], Order.Admission);
        bool refreshed = false;
        while (true)
        {
            if (Fits(taken, lines, messages))
            {
                ulong next = Pack((uint)taken + lines, (uint)(taken >> 32) + messages);
                ulong found = TMemory.CompareExchange(ref _words[Taken], next, taken, Order.Admission);
                if (found == taken)
                    return Admission.Admitted;
                taken = found;
                continue;
            }

            // A stale count can look full only because the head has passed it; then it is simply read again.
            ulong current = TMemory.Read(in _words[Taken], Order.Admission);
            if (current != taken)
            {
                taken = current;
                continue;
            }

            if (refreshed)
                return Admission.Refused;
            if (!TryRefresh())
                return Admission.PeerFault;
            refreshed = true;
        }
    }

    /// <summary>How many messages the peer has completed, at the last look that was found good.</summary>
    internal ulong Done => TMemory.Read(in _words[DoneSeen], Order.Admission);

    /// <summary>Looks at the peer's words once more: whether the largest record would be admitted now.</summary>
    /// <param name="messages">1 for a message, 0 for a request.</param>
    /// <returns><see cref="Admission.Admitted"/> when it would; nothing is taken.</returns>
    internal Admission Recheck(uint messages)
    {
        if (!TryRefresh(Order.SpaceRecheck))
            return Admission.PeerFault;
        bool fits = Fits(TMemory.Read(in _words[Taken], Order.Admission), PadLinesMax + 1, messages);
        return fits ? Admission.Admitted : Admission.Refused;
    }

    /// <summary>Counts a pad as taken. Called by the writer, under the baton.</summary>
    internal void CountPad(int lines)
    {
        ulong taken = TMemory.Read(in _words[Taken], Order.Admission);
        while (true)
        {
            ulong next = Pack((uint)taken + (uint)lines, (uint)(taken >> 32));
            ulong found = TMemory.CompareExchange(ref _words[Taken], next, taken, Order.Admission);
            if (found == taken)
                return;
            taken = found;
        }
    }

    /// <summary>Notes how far the ring is written. Called by the writer, under the baton, before it publishes.</summary>
    internal void NoteWritten(ulong position) => TMemory.Write(ref _words[Written], position, Order.Admission);

    /// <summary>Looks at what the peer has read and completed.</summary>
    /// <param name="order">Which look this is: for space, or the last one before sleep.</param>
    /// <returns>False when either is a lie.</returns>
    internal bool TryRefresh(Order order = Order.RingHead)
    {
        ulong headSeen = TMemory.Read(in _words[HeadSeen], Order.Admission);
        ulong doneSeen = TMemory.Read(in _words[DoneSeen], Order.Admission);

        // ORDER(RingHead): acquire. The reader's copy ends before we use the space again.
        ulong head = TMemory.Read(in _peer.Word64(SegmentLayout.HeadOffset), order);

        // ORDER(RingDone): acquire. The message's completion comes before its credit.
        ulong done = TMemory.Read(in _peer.Word64(SegmentLayout.DoneOffset), Order.RingDone);

        // After the head: what an honest peer has read was noted as written before it could read it.
        ulong written = TMemory.Read(in _words[Written], Order.Admission);
        uint messagesTaken = (uint)(TMemory.Read(in _words[Taken], Order.Admission) >> 32);

        // TRUST: both are copies. They never go back, nor past what we sent; a position is a multiple of a line. Our
        // count of messages has 32 bits, and both limits were read after the word that they limit, so an honest peer
        // passes however long this thread was preempted in between.
        if (head < headSeen || head > written || head % SegmentLayout.LineBytes != 0)
            return false;
        if (done - doneSeen > int.MaxValue || (int)(messagesTaken - (uint)done) < 0)
            return false;

        Raise(ref _words[HeadSeen], headSeen, head);
        Raise(ref _words[DoneSeen], doneSeen, done);
        return true;
    }

    private bool Fits(ulong taken, uint lines, uint messages)
    {
        uint headLines = (uint)(TMemory.Read(in _words[HeadSeen], Order.Admission) / SegmentLayout.LineBytes);
        uint done = (uint)TMemory.Read(in _words[DoneSeen], Order.Admission);
        return (uint)taken + lines - headLines <= BudgetLines
            && (uint)(taken >> 32) + messages - done <= SegmentLayout.MessageCredits;
    }

    /// <summary>Raises a word to a value, unless another thread has raised it further.</summary>
    private static void Raise(ref ulong word, ulong seen, ulong value)
    {
        while (value > seen)
        {
            ulong found = TMemory.CompareExchange(ref word, value, seen, Order.Admission);
            if (found == seen)
                return;
            seen = found;
        }
    }

    private static ulong Pack(uint lines, uint messages) => (ulong)messages << 32 | lines;
}
