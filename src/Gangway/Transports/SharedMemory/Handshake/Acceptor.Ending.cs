// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

// How handshakes and connections end, and what is given back when.
internal sealed partial class Acceptor
{
    private const string RevokedReason = "this process was revoked";

    /// <summary>Processes of held clients that were revoked. Under <see cref="_admission"/>.</summary>
    private readonly HashSet<ulong> _revokedHeld = [];

    /// <inheritdoc/>
    public int Revoke(ulong processKey)
    {
        int ended = 0;
        bool isPending = false;
        lock (_admission)
        {
            foreach (PendingHandshake client in _pending.Where(client => client.Identity.ProcessKey == processKey))
                isPending = client.IsRevoked = true;
            if (_held.Any(client => client.Identity.ProcessKey == processKey))
            {
                _revokedHeld.Add(processKey);
                isPending = true;
            }

            foreach (SharedMemoryLink link in _links.Values.Where(link => link.Identity.ProcessKey == processKey))
            {
                link.Reactor.EndSoon(link, DisconnectReason.Revoked);
                ended++;
            }
        }

        if (isPending)
            Post(RefuseRevoked);
        return ended;
    }

    /// <inheritdoc/>
    public void EndLinks(DisconnectReason reason)
    {
        foreach (SharedMemoryLink link in _links.Values)
            link.Reactor.EndSoon(link, reason);
    }

    private void RefuseRevoked()
    {
        foreach (PendingHandshake client in _pending.Where(static client => client.IsRevoked).ToArray())
            RefuseRevoked(client);
        HeldClient[] held;
        lock (_admission)
        {
            held = [.. _held.Where(client => _revokedHeld.Contains(client.Identity.ProcessKey))];
            _revokedHeld.Clear();
        }

        foreach (HeldClient client in held)
            RefuseHeld(client, RejectCode.NotPermitted, RevokedReason);
    }

    private void RefuseRevoked(PendingHandshake client)
    {
        if (!TryEndConnected(client, DisconnectReason.Revoked))
            Refuse(client, RejectCode.NotPermitted, RevokedReason);
    }

    private void RefuseLate()
    {
        // Oldest first, and all have the same time: the first that is not late ends it.
        while (_pending.Count != 0 && _pending[0].Deadline.HasPassed)
        {
            PendingHandshake late = _pending[0];
            if (!TryEndConnected(late, DisconnectReason.Closed))
                Refuse(late, RejectCode.TimedOut, $"{late.Awaited} did not come in time");
        }
    }

    private void Refuse(PendingHandshake client, RejectCode code, string reason)
    {
        _counts.Refuse(client.Identity.ToString(), code, reason);
        _ = client.Socket.Send(HandshakePacket.Reject(code, reason));
        GiveUp(client, code is RejectCode.Malformed or RejectCode.Memory);
    }

    private void RefuseSocket(UnixSocket socket, string who, RejectCode code, string reason)
    {
        _counts.Refuse(who, code, reason);
        _ = socket.Send(HandshakePacket.Reject(code, reason));
        socket.Dispose();
    }

    private void Abandon(PendingHandshake client)
    {
        _counts.Abandon();
        GiveUp(client, brokeProtocol: false);
    }

    private void GiveUp(PendingHandshake client, bool brokeProtocol)
    {
        Forget(client);
        long now = Deadline.Now;
        _penalties.Ended(client.Identity, brokeProtocol, now - client.BeganAt, now);
        _book.Close(client.Charge, isUnmapped: !client.MayMap);
        if (client.MayMap)
            Watch(client.Identity);
    }

    /// <summary>It is no handshake any more: refused, given up, or a link.</summary>
    private void Forget(PendingHandshake client)
    {
        _table.Remove(client.Token);
        lock (_admission)
            _pending.Remove(client);
        NotePending();
        _epoll.Remove(client.Socket);
        if (client.Pair is { } pair)
        {
            if (pair.Handshake == client)
                pair.Handshake = null;
            _pairs.ForgetIfUnused(pair);
        }

        client.Dispose();
    }

    /// <summary>A connection has ended, and its descriptors are closed. On its reactor.</summary>
    private void OnLinkEnded(Endpoint endpoint, SharedMemoryLink link, ConnectionCharge charge)
    {
        _ending.TryAdd(endpoint, true);
        _links.TryRemove(endpoint, out _);
        bool brokeProtocol = endpoint.DisconnectReason == DisconnectReason.PeerFault;
        long now = Deadline.Now;
        _penalties.Ended(charge.Identity, brokeProtocol, now - charge.BeganAt, now);
        if (brokeProtocol)
            _counts.Fault(charge.Identity.ToString(), endpoint.DisconnectDetail);

        // TRUST: the peer's word for it. A liar keeps pages that it has populated itself, so its own group pays for them.
        bool isUnmapped = link.HasPeerUnmapped;
        _book.Close(charge, isUnmapped, holdsSocket: link.LeftSocket is not null);
        if (link.LeftSocket is { } socket)
            Leave(new LeftConnection(socket, charge));
        else if (!isUnmapped)
            Post(() => Watch(charge.Identity));
    }
}
