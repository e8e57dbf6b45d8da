// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Process.Peer;

/// <summary>
/// One caller and sender: numbers its calls and messages, checks every reply, and notes what was accepted and answered.
/// Used by one thread at a time.
/// </summary>
/// <param name="journal">Where.</param>
/// <param name="lane">Its lane there, which nobody else writes.</param>
public sealed class JournalLane(Journal journal, int lane)
{
    private readonly byte[] _payload = new byte[Endpoint.PayloadBytesMax];
    private readonly byte[] _reply = new byte[Transaction.ReplyBytesMax];
    private long _called;
    private long _posted;

    /// <summary>Its lane.</summary>
    public int Lane => lane;

    /// <summary>Calls that came back with <see cref="Status.Ok"/> and the right reply.</summary>
    public long Answered { get; private set; }

    /// <summary>Messages that were accepted.</summary>
    public long Posted { get; private set; }

    /// <summary>How the last call went.</summary>
    public Status LastCall { get; private set; }

    /// <summary>Whether the journal says that the last call was executed.</summary>
    public bool IsLastCallExecuted => journal[lane, JournalWord.Executed] == _called;

    /// <summary>What was wrong; null while nothing was.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Notes what was wrong.</summary>
    public void Complain(string complaint) => Complaint ??= $"lane {lane}: {complaint}";

    /// <summary>Calls once.</summary>
    public Status Call(Endpoint endpoint) => Call(endpoint, Deadline.Never);

    /// <summary>Calls once, with a deadline.</summary>
    public Status Call(Endpoint endpoint, Deadline deadline)
    {
        long number = ++_called;
        ReadOnlySpan<byte> request = _payload.AsSpan(0, JournalRecord.Write(_payload, lane, number));
        CallResult result = endpoint.Call(JournalOperation.Execute, request, _reply, deadline);
        LastCall = result.Status;
        if (!result.IsOk)
        {
            return result.Status;
        }

        if (!JournalRecord.IsReply(_reply.AsSpan(0, result.Length), lane, number))
        {
            long named = result.Length < 8 ? 0 : ~BinaryPrimitives.ReadInt64LittleEndian(_reply);
            Complaint ??= $"lane {lane}, call {number}: a reply of {result.Length} bytes, to call {named}";
        }

        if (!IsLastCallExecuted)
        {
            Complaint ??= $"lane {lane}, call {number}: answered and not executed";
        }

        Answered++;
        journal[lane, JournalWord.Answered] = number;
        return Status.Ok;
    }

    /// <summary>Sends a message, and waits for room.</summary>
    public Status Post(Endpoint endpoint) => Post(endpoint, static (endpoint, payload) => endpoint.Send(JournalOperation.Post, payload));

    /// <summary>Sends a message, if there is room.</summary>
    public Status TryPost(Endpoint endpoint) => Post(endpoint, static (endpoint, payload) => endpoint.TrySend(JournalOperation.Post, payload));

    private Status Post(Endpoint endpoint, Func<Endpoint, ReadOnlySpan<byte>, Status> send)
    {
        // Refused, the number is used again: the next message has no gap before it.
        Status status = send(endpoint, _payload.AsSpan(0, JournalRecord.Write(_payload, lane, _posted + 1)));
        if (status == Status.Ok)
        {
            journal[lane, JournalWord.Posted] = ++_posted;
            Posted++;
        }

        return status;
    }
}
