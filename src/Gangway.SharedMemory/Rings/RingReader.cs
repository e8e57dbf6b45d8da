// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gangway.SharedMemory;

/// <summary>The reading side of a ring: takes one record at a time out of memory that a peer may be changing.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> one at a time: the reactor that the connection belongs to.</remarks>
internal sealed class RingReader<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // The first word is read once and checked; the rest is copied into private memory before anything looks at it; the
    // head is published behind the copy; only then does anybody act on the copy. So no handler ever sees ring memory,
    // and the head is the count of what was taken.
    //
    // INVARIANT: _position is a multiple of 64, and _position modulo the ring is where the next first word will appear.
    // Proof: docs/memory-ordering/ring.md.

    private const int RingMask = SegmentLayout.RingBytes - 1;

    private readonly Segment _peer;
    private readonly Segment _own;
    private ulong _position;

    /// <summary>Starts at the beginning of an empty ring.</summary>
    /// <param name="peer">The segment whose ring is read.</param>
    /// <param name="own">The segment in which the head is published.</param>
    internal RingReader(Segment peer, Segment own)
    {
        _peer = peer;
        _own = own;
    }

    /// <summary>How far the ring was read.</summary>
    internal ulong Position => _position;

    /// <summary>Whether a record waits.</summary>
    /// <param name="order">Which look this is: a poll, or the last one before sleep.</param>
    internal bool HasRecord(Order order = Order.RingPublish) =>
        TMemory.Read(in _peer.Word64(SegmentLayout.RingOffset + ((int)_position & RingMask)), order) != 0;

    /// <summary>Takes the next record, if there is one.</summary>
    /// <param name="scratch">At least <see cref="RecordHeader.RecordBytesMax"/> private bytes for the copy.</param>
    /// <param name="header">Checked: kind, flags and length are good, the record lies in the ring.</param>
    /// <returns>Whether there was a record, and whether it was an honest one.</returns>
    internal RingRead TryRead(Span<byte> scratch, out RecordHeader header)
    {
        Debug.Assert(scratch.Length >= RecordHeader.RecordBytesMax);

        int place = (int)_position & RingMask;

        // ORDER(RingPublish): acquire. What the first word offers has been fully written.
        ulong first = TMemory.Read(in _peer.Word64(SegmentLayout.RingOffset + place), Order.RingPublish);
        if (first == 0)
        {
            header = default;
            return RingRead.Empty;
        }

        header = new RecordHeader(first, 0);
        if (first == RecordHeader.PadWord)
            return TryReadBehindPad(place, scratch, out header);

        // TRUST: `first` is a copy, checked here and used from here on; the word itself is not read again.
        int length = header.LengthBytes;
        int occupied = RecordHeader.OccupiedBytes(length);
        if (header.Kind is not (RecordKind.Message or RecordKind.Request)
            || (header.Flags & ~RecordFlags.All) != 0
            || length is < RecordHeader.Bytes or > RecordHeader.RecordBytesMax
            || occupied > SegmentLayout.RingBytes - place)
        {
            return RingRead.PeerFault;
        }

        // TRUST: the peer may be changing these bytes. All that follows looks at the copy.
        ref readonly byte rest = ref _peer.Bytes(SegmentLayout.RingOffset + place + sizeof(ulong), length - sizeof(ulong));
        Span<byte> copy = scratch[..length];
        MemoryMarshal.Write(copy, in first);
        TMemory.CopyIn(copy[sizeof(ulong)..], in rest, Order.RingPayload);
        header = new RecordHeader(first, MemoryMarshal.Read<ulong>(copy[sizeof(ulong)..]));

        Advance(occupied);
        return RingRead.Record;
    }

    private RingRead TryReadBehindPad(int place, Span<byte> scratch, out RecordHeader header)
    {
        header = default;

        // TRUST: a pad never starts the ring, so two pads never follow each other and this cannot recurse twice.
        if (place == 0)
            return RingRead.PeerFault;

        Advance(SegmentLayout.RingBytes - place);
        return TryRead(scratch, out header);
    }

    private void Advance(int bytes)
    {
        _position += (uint)bytes;

        // ORDER(RingHead): release. Our copy is done before the space is given back.
        TMemory.Write(ref _own.Word64(SegmentLayout.HeadOffset), _position, Order.RingHead);
    }
}
