// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Gangway.Process.Peer;

/// <summary>Serves <see cref="PeerOperation"/>, with counts of its own for each connection.</summary>
public sealed class PeerHandler : EndpointHandler
{
    private readonly ConcurrentDictionary<Endpoint, PeerConnection> _connections = new();
    private readonly Lazy<LaneRoom> _lanes = new(static () => new LaneRoom());

    private long _messages;
    private long _requests;
    private long _notPermitted;
    private long _endedMessages;
    private long _endedRequests;
    private long _endedSignals;
    private long _falseAnnouncements;

    /// <summary>Messages and requests that handlers saw.</summary>
    public (long Messages, long Requests) Handled => (Volatile.Read(ref _messages), Volatile.Read(ref _requests));

    /// <summary>What the endpoints of ended connections counted.</summary>
    public (long Messages, long Requests) Ended => (Volatile.Read(ref _endedMessages), Volatile.Read(ref _endedRequests));

    /// <summary>
    /// What the endpoints of ended connections counted of their lanes: signals, and announcements of nothing; then what came out of
    /// the port: signals, bits that are not permitted, ends of senders; and the lanes that were granted.
    /// </summary>
    public long[] Lanes => [Volatile.Read(ref _endedSignals), Volatile.Read(ref _falseAnnouncements), .. _lanes.Value.Counts];

    /// <summary>What handlers saw that the policy does not permit.</summary>
    public long NotPermitted => Volatile.Read(ref _notPermitted);

    /// <summary>The user that may ask for <see cref="PeerOperation.Own"/>; -1 without a policy.</summary>
    public long OwnUser { get; init; } = -1;

    /// <summary>Who is connected.</summary>
    public IEnumerable<PeerIdentity> Peers => _connections.Keys.Select(static endpoint => endpoint.Peer!);

    /// <inheritdoc/>
    public override void OnConnect(Endpoint endpoint) => _connections[endpoint] = new PeerConnection();

    /// <inheritdoc/>
    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason)
    {
        _connections.TryRemove(endpoint, out _);
        EndpointStatistics statistics = endpoint.Statistics;
        Interlocked.Add(ref _endedMessages, statistics.MessagesReceived);
        Interlocked.Add(ref _endedRequests, statistics.RequestsReceived);
        Interlocked.Add(ref _endedSignals, statistics.SignalsReceived);
        Interlocked.Add(ref _falseAnnouncements, statistics.FalseAnnouncements);
    }

    /// <summary>The policy: see <see cref="PeerOperation"/>.</summary>
    public bool IsPermitted(PeerIdentity peer, uint operation) =>
        operation != PeerOperation.Forbidden && (operation != PeerOperation.Own || peer.UserId == OwnUser);

    /// <inheritdoc/>
    public override void OnMessage(Endpoint endpoint, Message message)
    {
        Interlocked.Increment(ref _messages);
        CountNotPermitted(endpoint, message.Operation);
        if (message.Operation == PeerOperation.Note)
        {
            _connections[endpoint].Count(message.Payload);
        }
    }

    /// <inheritdoc/>
    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        Interlocked.Increment(ref _requests);
        CountNotPermitted(endpoint, transaction.Operation);
        PeerConnection connection = _connections[endpoint];
        Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
        ReadOnlySpan<byte> request = transaction.Request;
        switch (transaction.Operation)
        {
            case PeerOperation.Echo:
                transaction.Complete(request[..Math.Min(request.Length, Transaction.ReplyBytesMax)]);
                break;
            case PeerOperation.Totals:
                transaction.Complete(connection.WriteTotals(reply));
                break;
            case PeerOperation.Push:
                BinaryPrimitives.WriteUInt32LittleEndian(reply, Push(endpoint, request));
                transaction.Complete(reply[..4]);
                break;
            case PeerOperation.Hold:
                connection.Held.Add(transaction);
                break;
            case PeerOperation.Release:
                connection.Held.ForEach(static held => held.Complete([]));
                connection.Held.Clear();
                transaction.Complete([]);
                break;
            case PeerOperation.Lane:
                connection.Lanes ??= _lanes.Value.Open();
                BinaryPrimitives.WriteInt32LittleEndian(reply, _lanes.Value.Grant(endpoint, connection.Lanes));
                transaction.Complete(reply[..4]);
                break;
            case PeerOperation.Signals when connection.Lanes is { } lanes:
                transaction.Complete(lanes.Write(reply));
                break;
            case PeerOperation.Own when OwnUser >= 0:
                transaction.Complete([]);
                break;
            default:
                transaction.Complete(Status.Unimplemented);
                break;
        }
    }

    private void CountNotPermitted(Endpoint endpoint, uint operation)
    {
        if (OwnUser >= 0 && !IsPermitted(endpoint.Peer!, operation))
            Interlocked.Increment(ref _notPermitted);
    }

    private static uint Push(Endpoint endpoint, ReadOnlySpan<byte> request)
    {
        uint wanted = request.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(request) : 0;
        uint sent = 0;
        Span<byte> payload = stackalloc byte[8];
        while (sent < wanted && endpoint.TrySend(PeerOperation.Note, payload) == Status.Ok)
        {
            sent++;
        }

        return sent;
    }
}
