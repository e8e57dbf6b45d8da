// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Gangway.Process.Peer;

/// <summary>Serves <see cref="PeerOperation"/>, with counts of its own for each connection.</summary>
public sealed class PeerHandler : EndpointHandler
{
    private readonly ConcurrentDictionary<Endpoint, PeerConnection> _connections = new();

    /// <summary>Who is connected.</summary>
    public IEnumerable<PeerIdentity> Peers => _connections.Keys.Select(static endpoint => endpoint.Peer!);

    /// <inheritdoc/>
    public override void OnConnect(Endpoint endpoint) => _connections[endpoint] = new PeerConnection();

    /// <inheritdoc/>
    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason) => _connections.TryRemove(endpoint, out _);

    /// <inheritdoc/>
    public override void OnMessage(Endpoint endpoint, Message message)
    {
        if (message.Operation == PeerOperation.Note)
        {
            _connections[endpoint].Count(message.Payload);
        }
    }

    /// <inheritdoc/>
    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
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
            default:
                transaction.Complete(Status.Unimplemented);
                break;
        }
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
