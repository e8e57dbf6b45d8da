// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>Admitted records of senders who found the write baton held, in the order in which they were put.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number put; the baton's holder takes. Nobody waits.</remarks>
internal sealed class Outbox<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // An admitted record owns lines of the ring that no other record in flight has, so the first of them names its place
    // here, and there is always one: no allocator, no limit of its own. A put is one compare-and-swap on `_last`, which
    // chains the newest to the one before; the holder takes the whole chain at once and turns it round. A chain that is
    // taken whole needs no tag against reuse.
    //
    // INVARIANT: a place is written by its sender before the swap and read by the holder after it, never at once.
    // Proof: docs/memory-ordering/baton.md.

    private const int LapBytes = SendWindow<TMemory>.RingLines * SegmentLayout.LineBytes;

    private readonly PrivateWords _last = new(1);
    private readonly ushort[] _next = new ushort[SendWindow<TMemory>.RingLines];

    // One lap, and room behind it for the one record that passes its end. Made when a sender first finds the baton held.
    private byte[]? _records;
    private int _first;

    /// <summary>Puts a record, to be written by whoever holds the baton. The caller then marks the baton wanted.</summary>
    /// <param name="line">From the record's admission.</param>
    /// <param name="header">The record's header.</param>
    /// <param name="extension">Its header extension.</param>
    /// <param name="payload">Its payload.</param>
    internal void Put(int line, RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        Span<byte> place = Records().AsSpan(line * SegmentLayout.LineBytes, header.LengthBytes);
        ulong first = header.First, second = header.Second;
        MemoryMarshal.Write(place, in first);
        MemoryMarshal.Write(place[sizeof(ulong)..], in second);
        extension.CopyTo(place[RecordHeader.Bytes..]);
        payload.CopyTo(place[(RecordHeader.Bytes + extension.Length)..]);

        ulong last = TMemory.Read(in _last[0], Order.Outbox);
        while (true)
        {
            _next[line] = (ushort)last;
            ulong found = TMemory.CompareExchange(ref _last[0], (ulong)line + 1, last, Order.Outbox);
            if (found == last)
                return;
            last = found;
        }
    }

    /// <summary>Takes the oldest record. Only for the holder of the baton.</summary>
    /// <param name="header">The record's header.</param>
    /// <param name="rest">Extension and payload; valid until the record is written.</param>
    internal bool TryTake(out RecordHeader header, out ReadOnlySpan<byte> rest)
    {
        if (_first == 0 && !TryTurnRound())
        {
            header = default;
            rest = default;
            return false;
        }

        int line = _first - 1;
        _first = _next[line];
        ReadOnlySpan<byte> place = Records().AsSpan(line * SegmentLayout.LineBytes);
        header = new RecordHeader(MemoryMarshal.Read<ulong>(place), MemoryMarshal.Read<ulong>(place[sizeof(ulong)..]));
        rest = place[RecordHeader.Bytes..header.LengthBytes];
        return true;
    }

    /// <summary>Takes everything that was put, newest first, and makes it a list, oldest first.</summary>
    private bool TryTurnRound()
    {
        ulong last = TMemory.Read(in _last[0], Order.Outbox);
        while (last != 0)
        {
            ulong found = TMemory.CompareExchange(ref _last[0], 0, last, Order.Outbox);
            if (found == last)
                break;
            last = found;
        }

        for (int line = (int)last - 1; line >= 0;)
        {
            int before = _next[line] - 1;
            _next[line] = (ushort)_first;
            _first = line + 1;
            line = before;
        }

        return _first != 0;
    }

    private byte[] Records()
    {
        byte[]? records = Volatile.Read(ref _records);
        if (records is not null)
            return records;

        byte[] made = new byte[LapBytes + RecordHeader.RecordBytesMax];
        return Interlocked.CompareExchange(ref _records, made, null) ?? made;
    }
}
