// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Gangway.Process.Peer;

/// <summary>Serves <see cref="JournalOperation"/>, and what the honest C client asks for; notes everything before it answers.</summary>
/// <param name="journal">Where.</param>
public sealed class JournalHandler(Journal journal) : EndpointHandler
{
    private readonly ConcurrentDictionary<Endpoint, long> _notes = new();
    private readonly ConcurrentDictionary<Endpoint, long> _pushed = new();
    private readonly ConcurrentBag<(Endpoint Endpoint, DisconnectReason Reason, long At)> _ended = [];
    private long _notesDelivered;
    private long _notesBroken;

    /// <summary>Connections whose <see cref="OnDisconnect"/> is still to come: until then their messages are handled.</summary>
    public int Connected => _pushed.Count;

    /// <summary>Messages of C clients so far.</summary>
    public long NotesDelivered => Volatile.Read(ref _notesDelivered);

    /// <summary>Messages of C clients that were out of order, doubled or not whole.</summary>
    public long NotesBroken => Volatile.Read(ref _notesBroken);

    /// <summary>The connections that ended, why, and when (<see cref="System.Diagnostics.Stopwatch"/>).</summary>
    public IReadOnlyCollection<(Endpoint Endpoint, DisconnectReason Reason, long At)> Ended => _ended;

    /// <inheritdoc/>
    public override void OnConnect(Endpoint endpoint)
    {
        _notes[endpoint] = 0;
        _pushed[endpoint] = 0;
    }

    /// <inheritdoc/>
    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason)
    {
        _ended.Add((endpoint, reason, System.Diagnostics.Stopwatch.GetTimestamp()));
        _notes.TryRemove(endpoint, out _);
        _pushed.TryRemove(endpoint, out _);
    }

    /// <inheritdoc/>
    public override void OnMessage(Endpoint endpoint, Message message)
    {
        switch (message.Operation)
        {
            case JournalOperation.Post when JournalRecord.TryRead(message.Payload, out int lane, out long number):
                journal.Note(lane, number, JournalWord.Delivered, JournalWord.MessageGaps, JournalWord.MessageRepeats);
                break;
            case JournalOperation.StayAwake when JournalRecord.TryRead(message.Payload, out int lane, out long number):
                journal.Note(lane, number, JournalWord.Delivered, JournalWord.MessageGaps, JournalWord.MessageRepeats);
                SpinWait.SpinUntil(() => journal[lane, JournalWord.Posted] >= number);
                break;
            case PeerOperation.Note:
                TakeNote(endpoint, message.Payload);
                break;
            default:
                journal.Count(0, JournalWord.Torn);
                break;
        }
    }

    /// <inheritdoc/>
    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        ReadOnlySpan<byte> request = transaction.Request;
        Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
        switch (transaction.Operation)
        {
            case JournalOperation.Execute when JournalRecord.TryRead(request, out int lane, out long number):
                journal.Note(lane, number, JournalWord.Executed, JournalWord.CallGaps, JournalWord.CallRepeats);
                transaction.Complete(reply[..JournalRecord.WriteReply(reply, lane, number)]);
                break;
            case PeerOperation.Echo:
                transaction.Complete(request[..Math.Min(request.Length, Transaction.ReplyBytesMax)]);
                break;
            case JournalOperation.Push when request.Length == sizeof(uint):
                BinaryPrimitives.WriteUInt32LittleEndian(reply, Push(endpoint, BinaryPrimitives.ReadUInt32LittleEndian(request)));
                transaction.Complete(reply[..sizeof(uint)]);
                break;
            default:
                journal.Count(0, JournalWord.Torn);
                transaction.Complete(Status.Unimplemented);
                break;
        }
    }

    // The honest C client's: its number from 0, then zeros, in a length that follows from the number.
    private void TakeNote(Endpoint endpoint, ReadOnlySpan<byte> payload)
    {
        long number = _notes[endpoint];
        bool isWhole = payload.Length == 8 + (number % 60 * 8)
            && BinaryPrimitives.ReadInt64LittleEndian(payload) == number
            && !payload[8..].ContainsAnyExcept((byte)0);
        _notes[endpoint] = number + 1;
        Volatile.Write(ref _notesDelivered, _notesDelivered + 1);
        Volatile.Write(ref _notesBroken, _notesBroken + (isWhole ? 0 : 1));
    }

    private uint Push(Endpoint endpoint, uint wanted)
    {
        Span<byte> payload = stackalloc byte[Endpoint.PayloadBytesMax];
        uint sent = 0;
        while (sent < wanted
            && endpoint.TrySend(JournalOperation.Post, payload[..JournalRecord.Write(payload, 0, _pushed[endpoint] + 1)]) == Status.Ok)
        {
            _pushed[endpoint]++;
            sent++;
        }

        return sent;
    }
}
