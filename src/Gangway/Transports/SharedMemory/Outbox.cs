// SPDX-License-Identifier: MIT

using System.Numerics;
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
    // A sender claims a place by compare-and-swap, fills it, and chains it to the newest by one more. The holder of the
    // baton takes the whole chain at once and turns it round; a chain that is taken whole needs no tag against reuse. It
    // gives a place back when it comes for the next record, because it is writing from it until then.
    //
    // INVARIANT: there is always a free place. Each one taken is an admitted record that is not in the ring yet, but one
    // that was just written, and admission leaves fewer lines than there are places.
    // Proof: docs/memory-ordering/baton.md.

    private const int Places = SendWindow<TMemory>.RingLines;
    private const int PlacesPerWord = 64;
    private const int Last = Places / PlacesPerWord;

    private readonly PrivateWords _words = new(Last + 1);
    private readonly byte[] _next = new byte[Places];

    // Made when a sender first finds the baton held.
    private byte[]?[]? _records;

    // The holder's: the list that was turned round, and the place that it writes from. One more than the place; 0 is none.
    private int _first;
    private int _writing;

    /// <summary>Puts a record, to be written by whoever holds the baton. The caller then marks the baton wanted.</summary>
    /// <param name="header">The record's header.</param>
    /// <param name="extension">Its header extension.</param>
    /// <param name="payload">Its payload.</param>
    internal void Put(RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        int place = Claim();
        byte[] record = (_records ?? MakeRecords())[place] ??= new byte[RecordHeader.RecordBytesMax];
        ulong first = header.First, second = header.Second;
        MemoryMarshal.Write(record, in first);
        MemoryMarshal.Write(record.AsSpan(sizeof(ulong)), in second);
        extension.CopyTo(record.AsSpan(RecordHeader.Bytes));
        payload.CopyTo(record.AsSpan(RecordHeader.Bytes + extension.Length));

        ulong last = TMemory.Read(in _words[Last], Order.Outbox);
        while (true)
        {
            _next[place] = (byte)last;
            ulong found = TMemory.CompareExchange(ref _words[Last], (ulong)place + 1, last, Order.Outbox);
            if (found == last)
                return;
            last = found;
        }
    }

    /// <summary>Takes the oldest record. Only for the holder of the baton.</summary>
    /// <param name="header">The record's header.</param>
    /// <param name="rest">Extension and payload; valid until the next call.</param>
    internal bool TryTake(out RecordHeader header, out ReadOnlySpan<byte> rest)
    {
        if (_writing != 0)
        {
            GiveBack(_writing - 1);
            _writing = 0;
        }

        if (_first == 0 && !TryTurnRound())
        {
            header = default;
            rest = default;
            return false;
        }

        _writing = _first;
        _first = _next[_writing - 1];
        ReadOnlySpan<byte> record = _records![_writing - 1];
        header = new RecordHeader(MemoryMarshal.Read<ulong>(record), MemoryMarshal.Read<ulong>(record[sizeof(ulong)..]));
        rest = record[RecordHeader.Bytes..header.LengthBytes];
        return true;
    }

    /// <summary>Takes everything that was put, newest first, and makes it a list, oldest first.</summary>
    private bool TryTurnRound()
    {
        ulong last = TMemory.Read(in _words[Last], Order.Outbox);
        while (last != 0)
        {
            ulong found = TMemory.CompareExchange(ref _words[Last], 0, last, Order.Outbox);
            if (found == last)
                break;
            last = found;
        }

        for (int place = (int)last; place != 0;)
        {
            int before = _next[place - 1];
            _next[place - 1] = (byte)_first;
            _first = place;
            place = before;
        }

        return _first != 0;
    }

    private byte[]?[] MakeRecords()
    {
        Interlocked.CompareExchange(ref _records, new byte[Places][], null);
        return _records;
    }

    /// <summary>Claims the lowest free place, so that few of them are ever filled.</summary>
    private int Claim()
    {
        for (int word = 0; ; word = (word + 1) % Last)
        {
            ulong taken = TMemory.Read(in _words[word], Order.Outbox);
            while (taken != ulong.MaxValue)
            {
                int bit = BitOperations.TrailingZeroCount(~taken);
                ulong found = TMemory.CompareExchange(ref _words[word], taken | 1UL << bit, taken, Order.Outbox);
                if (found == taken)
                    return word * PlacesPerWord + bit;
                taken = found;
            }
        }
    }

    private void GiveBack(int place)
    {
        ref ulong word = ref _words[place / PlacesPerWord];
        ulong taken = TMemory.Read(in word, Order.Outbox);
        while (true)
        {
            ulong found = TMemory.CompareExchange(ref word, taken & ~(1UL << place), taken, Order.Outbox);
            if (found == taken)
                return;
            taken = found;
        }
    }
}
