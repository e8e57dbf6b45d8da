// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// Which connection comes after which. On the acceptor's thread.
internal sealed partial class Acceptor
{
    // Design:
    //
    // A client that has said Up takes its connection for one, so it is one here, too, whatever is found out about it at the same
    // moment: else there would be a cycle at one end only. So before a handshake that waits for Up is given up, the client is kept
    // from sending any more, and what it has sent is looked at.

    // Who waits for the end of its last connection does so inside of the limits of handshakes, which are everybody's: so few do, and
    // not for long, or some applications' OnDisconnect that never ends would keep newcomers out. The others try again.

    private const int WaitingMost = 16;

    private static readonly TimeSpan s_waitMost = TimeSpan.FromSeconds(1);

    private readonly PairTable _pairs = new();

    /// <summary>Gives a client's connection its place behind those before.</summary>
    /// <returns>Whether it can go on now; else it was refused, or waits.</returns>
    private bool TryBeginPair(PendingHandshake client, ConnectionId asked)
    {
        ulong processKey = client.Identity.ProcessKey;
        KnownPair pair = _pairs.Find(asked, processKey) ?? _pairs.Add(processKey);
        if (asked.Epoch <= pair.LastEpoch)
        {
            Refuse(client, RejectCode.Stale, $"attempt {asked.Epoch} comes behind attempt {pair.LastEpoch}");
            return false;
        }

        PendingHandshake? before = pair.Handshake;
        pair.LastEpoch = asked.Epoch;
        pair.Handshake = client;
        client.Pair = pair;
        client.Id = asked with { Pair = pair.Id };
        if (before is not null)
            GiveWay(before);
        if (pair.Endpoint is not { } ending)
            return true;

        // That it asks again is the news of its disconnect.
        if (_links.TryGetValue(ending, out SharedMemoryLink? link))
            link.EndSoon(DisconnectReason.PeerGone);
        if (_pending.Count(static other => other.IsWaiting) >= WaitingMost)
            RefuseNotYet(client);
        else
            client.WaitsUntil = Earlier(Deadline.After(s_waitMost), client.Deadline);
        return false;
    }

    private static Deadline Earlier(Deadline one, Deadline other) => one.Nanoseconds <= other.Nanoseconds ? one : other;

    private void RefuseNotYet(PendingHandshake client) =>
        Refuse(client, RejectCode.NotYet, "OnDisconnect of its last connection has not completed");

    /// <summary>Refuses those that have waited for long enough. They are few.</summary>
    private void RefuseWaiting()
    {
        while (_pending.Find(static client => client.IsWaiting && client.WaitsUntil.HasPassed) is { } late)
            RefuseNotYet(late);
    }

    /// <summary>The last connection of a pair is over, and its callbacks are.</summary>
    private void OnQuiet(KnownPair pair)
    {
        pair.Endpoint = null;
        if (pair.Handshake is { IsWaiting: true } next)
        {
            // Its time begins anew: the list is in the order of deadlines.
            next.WaitsUntil = Deadline.Never;
            lock (_admission)
            {
                _pending.Remove(next);
                next.Deadline = Deadline.After(_options.HandshakeTimeout);
                _pending.Add(next);
            }

            Offer(next);
        }

        _pairs.ForgetIfUnused(pair);
    }

    /// <summary>A later attempt of the same client has come: this one has become a connection, or becomes none.</summary>
    private void GiveWay(PendingHandshake client)
    {
        if (!TryEndConnected(client, DisconnectReason.Closed))
            Refuse(client, RejectCode.Stale, "a later attempt came");
    }

    /// <summary>Connects a client that has said so at this moment, and ends the connection.</summary>
    /// <returns>False when it has not: from here on it cannot.</returns>
    private bool TryEndConnected(PendingHandshake client, DisconnectReason reason)
    {
        if (client.Awaited != PacketType.Up)
            return false;
        client.Socket.ShutdownReceiving();
        if (client.Socket.Receive(_packet, out int count) != Errno.None
            || !HandshakePacket.IsPlain(_packet.AsSpan(0, count), PacketType.Up)
            || !SegmentHeader.IsGood(client.Segments!.Peer, client.Segments.Shape))
        {
            return false;
        }

        lock (_admission)
            Connect(client).EndSoon(reason);
        return true;
    }
}
