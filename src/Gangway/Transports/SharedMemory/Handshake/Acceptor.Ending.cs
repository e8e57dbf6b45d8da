// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

// How handshakes and connections end, and what is given back when.
internal sealed partial class Acceptor
{
    private static readonly TimeSpan s_watchPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Who keeps memory and could not be watched, for lack of a descriptor.</summary>
    private readonly HashSet<PeerIdentity> _unwatched = [];
    private Deadline _watchesAt = Deadline.Never;

    /// <summary>Ends what a process has of this listener, handshakes included. Any thread.</summary>
    /// <returns>How many connections are ended.</returns>
    internal int Revoke(ulong processKey)
    {
        int ended = 0;
        bool isPending = false;
        lock (_admission)
        {
            foreach (PendingHandshake client in _pending.Where(client => client.Identity.ProcessKey == processKey))
                isPending = client.IsRevoked = true;
            foreach (SharedMemoryLink link in _links.Values.Where(link => link.Identity.ProcessKey == processKey))
            {
                link.Reactor.End(link, DisconnectReason.Revoked);
                ended++;
            }
        }

        if (isPending)
            Post(RefuseRevoked);
        return ended;
    }

    private void RefuseRevoked()
    {
        foreach (PendingHandshake client in _pending.Where(static client => client.IsRevoked).ToArray())
            RefuseRevoked(client);
    }

    private void RefuseRevoked(PendingHandshake client) =>
        Refuse(client, RejectCode.NotPermitted, "this process was revoked");

    private void RefuseLate()
    {
        // Oldest first, and all have the same time: the first that is not late ends it.
        while (_pending.Count != 0 && _pending[0].Deadline.HasPassed)
        {
            PendingHandshake late = _pending[0];
            Refuse(late, RejectCode.TimedOut, $"{late.Awaited} did not come in time");
        }
    }

    private void Refuse(PendingHandshake client, RejectCode code, string reason)
    {
        _counts.Refuse(client.Identity.ToString(), code, reason);
        _ = client.Socket.Send(Packet.Reject(code, reason));
        GiveUp(client);
    }

    private void RefuseSocket(UnixSocket socket, string who, RejectCode code, string reason)
    {
        _counts.Refuse(who, code, reason);
        _ = socket.Send(Packet.Reject(code, reason));
        socket.Dispose();
    }

    private void Abandon(PendingHandshake client)
    {
        _counts.Abandon();
        GiveUp(client);
    }

    private void GiveUp(PendingHandshake client)
    {
        Forget(client);
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
        Volatile.Write(ref _pendingCount, _pending.Count);
        _epoll.Remove(client.Socket);
        client.Dispose();
    }

    /// <summary>A connection has ended, and its descriptors are closed. On its reactor.</summary>
    private void OnDisconnected(Endpoint endpoint, SharedMemoryLink link, ConnectionCharge charge)
    {
        _links.TryRemove(endpoint, out _);
        if (endpoint.DisconnectReason == DisconnectReason.PeerFault)
            _counts.Fault(charge.Identity.ToString(), endpoint.DisconnectDetail);

        // TRUST: the peer's word for it. A liar keeps pages that it has populated itself, so its own group pays for them.
        _book.Close(charge, link.HasPeerUnmapped);
        if (!link.HasPeerUnmapped)
            Post(() => Watch(charge.Identity));
    }

    /// <summary>Bytes were kept: has the process give them back when it ends.</summary>
    private void Watch(PeerIdentity identity)
    {
        if (!_book.MustWatch(identity.ProcessKey))
            return;

        // The number may be another process's by now; the key tells.
        ulong key = 0;
        Errno errno = PidFd.Open(identity.ProcessId, out PidFd? process);
        if (errno == Errno.None)
            errno = process!.GetInode(out key);
        bool isGone = errno is Errno.ESRCH or Errno.EINVAL || (errno == Errno.None && key != identity.ProcessKey);
        if (errno == Errno.None && !isGone)
        {
            var keeper = new MemoryKeeper(key, process!);
            keeper.Token = _table.Add(keeper);
            errno = _epoll.Add(keeper.Descriptor, EpollEvents.In, keeper.Token.Value);
            if (errno == Errno.None)
            {
                _book.Watching(key);
                return;
            }

            _table.Remove(keeper.Token);
        }

        process?.Dispose();
        if (isGone)
        {
            _book.ProcessGone(identity.ProcessKey);
            return;
        }

        _unwatched.Add(identity);
        if (_watchesAt.IsNever)
            _watchesAt = Deadline.After(s_watchPause);
    }

    private void WatchAgain()
    {
        if (_watchesAt.IsNever || !_watchesAt.HasPassed)
            return;
        _watchesAt = Deadline.Never;
        PeerIdentity[] unwatched = [.. _unwatched];
        _unwatched.Clear();
        foreach (PeerIdentity identity in unwatched)
            Watch(identity);
    }

    private void StopWatching(MemoryKeeper keeper)
    {
        _table.Remove(keeper.Token);
        _epoll.Remove(keeper.Descriptor);
        keeper.Descriptor.Dispose();
        _book.ProcessGone(keeper.Key);
    }
}
