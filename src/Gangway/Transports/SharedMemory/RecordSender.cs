// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>Brings records of any number of threads into one ring, in order, without a lock.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
internal sealed class RecordSender<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // Admission comes before the baton, so whatever is queued fits. Who gets the baton empties the outbox, then writes
    // its own record, and empties the outbox again before it lets go. Who does not get it puts its record there. After 64
    // records of others the holder hands the baton, still held, to the reactor. No thread waits for another.
    // Proof: docs/memory-ordering/baton.md, verify/baton.pml.

    /// <summary>How many records of others a sender writes before it passes the work on.</summary>
    internal const int ForeignRecordsMax = 64;

    private readonly SendWindow<TMemory> _window;
    private readonly RingWriter<TMemory> _writer;
    private readonly Outbox<TMemory> _outbox = new();
    private readonly Baton<TMemory> _baton = new();

    // Made at the first request that is sent.
    private ulong[]? _requestEnds;

    /// <summary>Sends into the ring of a segment.</summary>
    internal RecordSender(Segment own, Segment peer)
    {
        _window = new SendWindow<TMemory>(peer);
        _writer = new RingWriter<TMemory>(own, _window);
    }

    /// <summary>What decides whether a record fits.</summary>
    internal SendWindow<TMemory> Window => _window;

    /// <summary>Messages written so far.</summary>
    internal long Messages => _writer.Messages;

    /// <summary>Requests written so far.</summary>
    internal long Requests => _writer.Requests;

    /// <summary>Sends one record.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="extension">The extension that the flags announce.</param>
    /// <param name="payload">Its payload.</param>
    /// <returns>What the caller does next.</returns>
    internal RecordSend TrySend(RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        uint messages = header.Kind == RecordKind.Message ? 1u : 0u;
        switch (_window.TryAdmit(header.LengthBytes, messages))
        {
            case Admission.Refused:
                return RecordSend.Refused;
            case Admission.PeerFault:
                return RecordSend.PeerFault;
        }

        int foreign = 0;
        if (_baton.TryTake())
        {
            if (WriteForeign(ref foreign))
                Write(header, extension, payload);
            else
                _outbox.Put(header, extension, payload);
        }
        else
        {
            _outbox.Put(header, extension, payload);
            if (!_baton.TakeOrWant())
                return RecordSend.Queued;
        }

        return LetGo(ref foreign);
    }

    /// <summary>Goes on with a baton that a sender handed over.</summary>
    internal RecordSend Continue()
    {
        int foreign = 0;
        return LetGo(ref foreign);
    }

    /// <summary>Writes everything that was put, before the connection is closed.</summary>
    /// <returns>False when another thread holds the baton: it was marked wanted, so its holder writes everything.</returns>
    internal bool TryFlush()
    {
        if (!_baton.TakeOrWant())
            return false;

        int foreign = 0;
        while (LetGo(ref foreign) == RecordSend.HandToReactor)
            foreign = 0;
        return true;
    }

    /// <summary>Forgets where the last request of a slot ended. For the slot's owner, before it sends.</summary>
    internal void ForgetRequest(int slot) => Volatile.Write(ref (_requestEnds ?? MakeRequestEnds())[slot], ulong.MaxValue);

    /// <summary>The position behind the request of a slot; <see cref="ulong.MaxValue"/> if it was not written.</summary>
    internal ulong RequestEnd(int slot) => Volatile.Read(ref (_requestEnds ?? MakeRequestEnds())[slot]);

    private ulong[] MakeRequestEnds()
    {
        Interlocked.CompareExchange(ref _requestEnds, new ulong[SegmentLayout.SlotCount], null);
        return _requestEnds;
    }

    private RecordSend LetGo(ref int foreign)
    {
        do
        {
            if (!WriteForeign(ref foreign))
                return RecordSend.HandToReactor;
        }
        while (!_baton.TryRelease());

        return RecordSend.Written;
    }

    /// <summary>Empties the outbox.</summary>
    /// <returns>False when the share of this thread is done and something may be left.</returns>
    private bool WriteForeign(ref int foreign)
    {
        while (foreign < ForeignRecordsMax)
        {
            if (!_outbox.TryTake(out RecordHeader header, out ReadOnlySpan<byte> rest))
                return true;
            Write(header, rest, []);
            foreign++;
        }

        return false;
    }

    private void Write(RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        // Noted before the record can be taken: no head ever covers a request that seems unwritten.
        if (header.Kind == RecordKind.Request)
            Volatile.Write(ref (_requestEnds ?? MakeRequestEnds())[header.Slot], _writer.EndOf(header.LengthBytes));
        _writer.Write(header, extension, payload);
    }
}
