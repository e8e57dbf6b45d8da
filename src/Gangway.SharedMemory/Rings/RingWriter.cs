// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.SharedMemory;

/// <summary>The writing side of a ring. One thread at a time: whoever holds the connection's write baton.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
internal sealed class RingWriter<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A position counts bytes since the start and never wraps; its place is the position modulo the ring. The truth is
    // _position, which only the baton's holder touches. A record appears by its first word, which is written last; the
    // word where the next record will start is zeroed before, so a reader that has caught up polls a zero that we wrote.
    // At every instruction a crash leaves "nothing" or "a whole record".
    //
    // INVARIANT: _position + 64 - (the peer's head) <= RingBytes after each write. SendWindow.TryAdmit sees to it.
    // Proof: docs/memory-ordering/ring.md.

    private const int RingMask = SegmentLayout.RingBytes - 1;

    private readonly Segment _own;
    private readonly SendWindow<TMemory> _window;
    private ulong _position;
    private long _messages;
    private long _requests;

    /// <summary>Starts at the beginning of an empty ring.</summary>
    /// <param name="own">The segment that this side writes.</param>
    /// <param name="window">What admits records to this ring.</param>
    internal RingWriter(Segment own, SendWindow<TMemory> window)
    {
        _own = own;
        _window = window;
    }

    /// <summary>Messages written so far.</summary>
    internal long Messages => Volatile.Read(ref _messages);

    /// <summary>Requests written so far.</summary>
    internal long Requests => Volatile.Read(ref _requests);

    /// <summary>Writes one admitted record, and a pad before it if it would pass the end.</summary>
    /// <param name="header">Its length covers the header, the extension and the payload.</param>
    /// <param name="extension">The header extension that the flags announce.</param>
    /// <param name="payload">The payload.</param>
    internal void Write(RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        Debug.Assert(header.LengthBytes == RecordHeader.Bytes + extension.Length + payload.Length);

        int occupied = RecordHeader.OccupiedBytes(header.LengthBytes);
        int place = (int)_position & RingMask;
        if (place + occupied > SegmentLayout.RingBytes)
        {
            PadToEnd(place);
            place = 0;
        }

        ref ulong secondWord = ref _own.Word64(SegmentLayout.RingOffset + place + sizeof(ulong));
        TMemory.Write(ref secondWord, header.Second, Order.RingPayload);
        if (extension.Length != 0)
            CopyOut(place + RecordHeader.Bytes, extension);
        if (payload.Length != 0)
            CopyOut(place + RecordHeader.Bytes + extension.Length, payload);

        Publish(place, occupied, header.First);
        if (header.Kind == RecordKind.Message)
            _messages++;
        else
            _requests++;
    }

    /// <summary>The position behind the next record if it has this length: a head that covers it is at least this.</summary>
    internal ulong EndOf(int lengthBytes)
    {
        int occupied = RecordHeader.OccupiedBytes(lengthBytes);
        int toEnd = SegmentLayout.RingBytes - ((int)_position & RingMask);
        return _position + (uint)occupied + (occupied > toEnd ? (uint)toEnd : 0);
    }

    /// <summary>Writes the announcement of the end: the reader goes on at the start of the ring.</summary>
    private void PadToEnd(int place)
    {
        int padBytes = SegmentLayout.RingBytes - place;
        _window.CountPad(padBytes / SegmentLayout.LineBytes);
        Publish(place, padBytes, RecordHeader.PadWord);
    }

    private void Publish(int place, int occupied, ulong firstWord)
    {
        _position += (uint)occupied;

        // ORDER(RingZeroAhead): the next first word is zero before this record can be seen, so a reader that follows
        // finds our zero and not what lay there a lap ago.
        int next = (int)_position & RingMask;
        TMemory.Write(ref _own.Word64(SegmentLayout.RingOffset + next), 0, Order.RingZeroAhead);

        // Before the record can be taken, so that an honest head never passes it.
        _window.NoteWritten(_position);

        // ORDER(RingPublish): release. Payload, second word and the zero ahead come before the first word.
        TMemory.Write(ref _own.Word64(SegmentLayout.RingOffset + place), firstWord, Order.RingPublish);
    }

    private void CopyOut(int place, ReadOnlySpan<byte> bytes) =>
        TMemory.CopyOut(ref _own.Bytes(SegmentLayout.RingOffset + place, bytes.Length), bytes, Order.RingPayload);
}
