// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>Connects endpoints of this process to a listener of this process: on the thread that connects.</summary>
internal sealed class InProcessAcceptor : IAcceptor
{
    // Design:
    //
    // A name is its entry in s_names, so taking it is one step. Who connects and who closes the listener share a lock, so that
    // no connection is missed by the close; handlers, permits and callbacks never run under it.

    private static readonly ConcurrentDictionary<string, InProcessAcceptor> s_names = new(StringComparer.Ordinal);
    private static readonly Lazy<PeerIdentity> s_self = new(Identify, LazyThreadSafetyMode.PublicationOnly);

    private readonly Address _address;
    private readonly EndpointHandler _handler;
    private readonly ListenerOptions _options;
    private readonly HandshakeCounts _counts;
    private readonly UserAccount _account;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Endpoint, InProcessLink> _links = new();
    private readonly ConcurrentDictionary<Endpoint, bool> _ending = new();
    private readonly PairTable _pairs = new();
    private bool _isClosed;

    /// <summary>Takes the name.</summary>
    /// <exception cref="GangwayException">It is taken.</exception>
    internal InProcessAcceptor(Address address, EndpointHandler handler, ListenerOptions options)
    {
        _address = address;
        _handler = handler;
        _options = options;
        _counts = new HandshakeCounts(address);
        _account = new UserAccount(Identity.EffectiveUid(), UserQuota.Of(options, isOwnUser: true));
        if (!s_names.TryAdd(address.Name, this))
        {
            throw new GangwayException(ConnectError.InUse, address.Text,
                $"Cannot listen on '{address}': another listener of this process has that name. Dispose it first, or choose "
                + "another name.");
        }
    }

    /// <inheritdoc/>
    public ListenerStatistics Statistics => _counts.Statistics(
        _links.Count, handshaking: 0, new ListenerCharges(_links.Count, 0, 0, 0, 0, _account.Transactions));

    /// <inheritdoc/>
    public IReadOnlyCollection<Endpoint> Endpoints =>
        [.. _links.Keys.Where(static endpoint => endpoint.State >= EndpointState.Connected)];

    /// <inheritdoc/>
    public IReadOnlyCollection<Endpoint> EndingEndpoints => [.. _ending.Keys];

    /// <summary>Connects an endpoint to who listens under its address.</summary>
    /// <exception cref="GangwayException">Nobody does, or the listener has no room.</exception>
    internal static InProcessLink Connect(Endpoint client, ConnectAttempt attempt, out PeerIdentity identity)
    {
        Address address = client.Address;
        if (!s_names.TryGetValue(address.Name, out InProcessAcceptor? acceptor))
            throw NotFound(address);
        identity = s_self.Value;
        return acceptor.Accept(client, attempt, identity);
    }

    /// <inheritdoc/>
    public int Revoke(ulong processKey)
    {
        lock (_lock)
        {
            // Whoever connects here is of this process.
            if (_links.IsEmpty || s_self.Value.ProcessKey != processKey)
                return 0;
            int count = _links.Count;
            EndLinks(DisconnectReason.Revoked);
            return count;
        }
    }

    /// <inheritdoc/>
    public void EndLinks(DisconnectReason reason)
    {
        foreach (InProcessLink link in _links.Values)
            link.EndSoon(reason);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _isClosed = true;
        s_names.TryRemove(KeyValuePair.Create(_address.Name, this));
    }

    private InProcessLink Accept(Endpoint client, ConnectAttempt attempt, PeerIdentity identity)
    {
        ConnectionId asked = attempt.Asked;
        SegmentShape shape = client.Options.Shape;
        var handshake = Deadline.After(_options.HandshakeTimeout);
        Deadline until = handshake.Nanoseconds < attempt.Deadline.Nanoseconds ? handshake : attempt.Deadline;
        while (true)
        {
            Endpoint? ending;
            lock (_lock)
            {
                if (_isClosed)
                    throw NotFound(client.Address);
                ending = _pairs.Find(asked, identity.ProcessKey)?.Endpoint;
                if (ending is null)
                    return Accept(client, asked, shape, identity);
            }

            // Both ends of a connection end at once, and each has its own callback.
            if (until.HasPassed || !attempt.Wait(ending.Destroyed, until))
            {
                throw new GangwayException(ConnectError.TimedOut, client.Address.Text,
                    $"Cannot connect to '{client.Address}': the OnDisconnect of its listener's side has not completed since the last "
                    + "connection; try again.") { IsAnswer = true };
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private InProcessLink Accept(Endpoint client, ConnectionId asked, SegmentShape shape, PeerIdentity identity)
    {
        if (WhyNoMore(shape) is { } reason)
        {
            _counts.Refuse(identity.ToString(), RejectCode.Overloaded, reason);
            throw new GangwayException(ConnectError.Overloaded, client.Address.Text,
                $"Cannot connect to '{client.Address}': the listener refused ({RejectCode.Overloaded}: {reason}). Try again "
                + "later, close what is not needed, or raise the limit that the reason names.") { IsAnswer = true };
        }

        KnownPair pair = _pairs.Find(asked, identity.ProcessKey) ?? _pairs.Add(identity.ProcessKey);
        var server = new Endpoint(_address, _handler, identity, _options.Strand) { Account = _account, Permit = _options.Permit };
        InProcessLink link = InProcessLink.Join(client, server, asked with { Pair = pair.Id }, shape);
        pair.LastEpoch = asked.Epoch;
        pair.Endpoint = server;
        server.LinkEnded += OnLinkEnded;
        server.Quiet += ended => OnQuiet(ended, pair);
        _links.TryAdd(server, link);
        _counts.Accept();
        return link;
    }

    private void OnQuiet(Endpoint endpoint, KnownPair pair)
    {
        _ending.TryRemove(endpoint, out _);
        lock (_lock)
        {
            pair.Endpoint = null;
            _pairs.ForgetIfUnused(pair);
        }
    }

    private string? WhyNoMore(SegmentShape shape)
    {
        int connections = _links.Count;
        if (connections >= _options.MaxConnections)
            return $"all {_options.MaxConnections} connections are in use (ListenerOptions.{nameof(_options.MaxConnections)})";
        if (connections >= _account.Quota.Connections)
        {
            return $"user {_account.UserId} has {connections} of {_account.Quota.Connections} connections "
                + $"(ListenerOptions.{nameof(_options.MaxConnectionsPerUser)})";
        }

        return _options.WhyNotSoManyLanes(shape);
    }

    private void OnLinkEnded(Endpoint endpoint)
    {
        _ending.TryAdd(endpoint, true);
        _links.TryRemove(endpoint, out _);
        if (endpoint.DisconnectReason == DisconnectReason.PeerFault)
            _counts.Fault(endpoint.Peer!.ToString(), endpoint.DisconnectDetail);
    }

    private static GangwayException NotFound(Address address) => new(ConnectError.NotFound, address.Text,
        $"Cannot connect to '{address}': nothing listens there in this process. Start the listener first (Domain.Listen), or check "
        + "the name. A server in another process has an address that starts with 'shm:'.");

    private static PeerIdentity Identify()
    {
        // Where the kernel does not say, the key is this process's own all the same: zero is nobody's.
        ulong key = 0;
        if (PidFd.Open(Environment.ProcessId, out PidFd? process) == Errno.None)
        {
            using (process)
                _ = process!.GetInode(out key);
        }

        return new PeerIdentity(Identity.EffectiveUid(), Identity.EffectiveGid(), Environment.ProcessId, key);
    }
}
