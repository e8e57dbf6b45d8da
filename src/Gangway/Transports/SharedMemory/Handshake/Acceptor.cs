// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>The thread that accepts clients and leads them through the handshake. A silent client holds nobody.</summary>
internal sealed partial class Acceptor : IDisposable
{
    // Design:
    //
    // One thread, one epoll, no blocking call but its wait. Each client is a PendingHandshake with a deadline; whatever it
    // sends, or does not, touches its own state only. Nothing is made for a client before its credentials are checked, and
    // whatever was made goes with its PendingHandshake. A spare descriptor keeps a full process from spinning on accept.

    private const int AcceptsPerWake = 16;
    private const int EventsPerWait = 64;

    private static readonly ReactorToken s_stop = new(0, 0);
    private static readonly ReactorToken s_accept = new(1, 0);
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(10);

    private readonly ServedName _name;
    private readonly Address _address;
    private readonly UnixSocket _listening;
    private readonly Reactor[] _reactors;
    private readonly EndpointHandler _handler;
    private readonly ListenerOptions _options;
    private readonly Epoll _epoll;
    private readonly EventFd _wakeUp;
    private readonly ReactorTable _table = new();
    private readonly List<PendingHandshake> _pending = [];
    private readonly ConcurrentDictionary<Endpoint, bool> _endpoints = new();
    private readonly EpollEvent[] _events = new EpollEvent[EventsPerWait];
    private readonly byte[] _packet = new byte[Packet.BytesMax];
    private readonly Thread _thread;

    private EventFd? _spare;
    private Deadline _resumesAt = Deadline.Never;
    private bool _isStopping;
    private int _pendingCount;
    private long _accepted;
    private long _refused;
    private long _abandoned;
    private long _peerFaults;
    private string? _lastRefusal;
    private string? _lastPeerFault;

    /// <summary>Starts to accept, and owns the name from here on.</summary>
    internal Acceptor(ServedName name, Reactor[] reactors, EndpointHandler handler, ListenerOptions options)
    {
        _name = name;
        _address = name.Address;
        _listening = name.Socket;
        _reactors = reactors;
        _handler = handler;
        _options = options;

        // The two fixed entries of the table, so that no client has their tokens.
        _table.Add(s_stop);
        _table.Add(s_accept);
        Require(Epoll.Create(out Epoll? epoll));
        _epoll = epoll!;
        Require(EventFd.Create(out EventFd? wakeUp));
        _wakeUp = wakeUp!;
        Require(EventFd.Create(out _spare));
        Require(_epoll.Add(_wakeUp, EpollEvents.In, s_stop.Value));
        Require(_epoll.Add(_listening, EpollEvents.In, s_accept.Value));

        _thread = new Thread(Run) { Name = $"gangway-accept {_address}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What was counted so far.</summary>
    internal ListenerStatistics Statistics => new(
        Volatile.Read(ref _accepted),
        _endpoints.Count,
        Volatile.Read(ref _pendingCount),
        Volatile.Read(ref _refused),
        Volatile.Read(ref _abandoned),
        Volatile.Read(ref _peerFaults),
        Volatile.Read(ref _lastRefusal),
        Volatile.Read(ref _lastPeerFault));

    /// <summary>The connected endpoints, as a copy.</summary>
    internal IReadOnlyCollection<Endpoint> Endpoints => [.. _endpoints.Keys];

    /// <summary>Stops to accept, and refuses who is in the middle of it.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isStopping, true);
        try
        {
            _wakeUp.Signal();
        }
        catch (ObjectDisposedException)
        {
            // Another event woke the thread, and it has ended already.
        }

        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        try
        {
            while (!Volatile.Read(ref _isStopping))
                Turn();

            foreach (PendingHandshake client in _pending.ToArray())
                Refuse(client, RejectCode.Closing, "the listener is being disposed");
            _name.Dispose();
            _epoll.Dispose();
            _wakeUp.Dispose();
            _spare?.Dispose();
        }
        catch (Exception e)
        {
            Environment.FailFast($"Gangway's acceptor of '{_address}' failed: {e}");
        }
    }

    private void Turn()
    {
        Require(_epoll.Wait(_events, NanosecondsToDeadline(), out int count));
        for (int i = 0; i < count; i++)
        {
            var token = new ReactorToken(_events[i].Data);
            if (token == s_accept)
                AcceptSome();
            else if (_table.Find(token) is PendingHandshake client)
                OnSign(client, _events[i].Events);
        }

        RefuseLate();
        ResumeAccepting();
    }

    private long NanosecondsToDeadline()
    {
        long next = _resumesAt.Nanoseconds;
        if (_pending.Count != 0)
            next = Math.Min(next, _pending[0].Deadline.Nanoseconds);
        return next == long.MaxValue ? -1 : Math.Max(0, next - Deadline.Now);
    }

    private void RefuseLate()
    {
        // Oldest first, and all have the same time: the first that is not late ends it.
        while (_pending.Count != 0 && _pending[0].Deadline.HasPassed)
        {
            PendingHandshake late = _pending[0];
            Refuse(late, RejectCode.TimedOut, $"{late.Awaited} did not come in time");
        }
    }

    private void AcceptSome()
    {
        for (int i = 0; i < AcceptsPerWake && !Volatile.Read(ref _isStopping); i++)
        {
            Errno errno = _listening.Accept(out UnixSocket? socket);
            switch (errno)
            {
                case Errno.None:
                    Begin(socket!);
                    break;
                case Errno.EMFILE or Errno.ENFILE:
                    RefuseForLackOfDescriptors();
                    return;
                case Errno.ECONNABORTED or Errno.EPERM:
                    break;
                case Errno.EAGAIN:
                    return;
                default:
                    PauseAccepting();
                    return;
            }
        }
    }

    /// <summary>Takes a client off the backlog with the spare descriptor and tells it why; else accept would spin.</summary>
    private void RefuseForLackOfDescriptors()
    {
        _spare?.Dispose();
        _spare = null;
        if (_listening.Accept(out UnixSocket? socket) == Errno.None)
            RefuseSocket(socket!, "unknown", RejectCode.Overloaded, "this process has no descriptors left");
        if (EventFd.Create(out EventFd? spare) == Errno.None)
            _spare = spare;
        else
            PauseAccepting();
    }

    /// <summary>The kernel cannot accept for now, and would say so again and again: waits a moment.</summary>
    private void PauseAccepting()
    {
        if (_epoll.Modify(_listening, EpollEvents.None, s_accept.Value) == Errno.None)
            _resumesAt = Deadline.After(s_acceptPause);
    }

    private void ResumeAccepting()
    {
        if (_resumesAt.IsNever || !_resumesAt.HasPassed)
            return;
        _resumesAt = Deadline.Never;
        Require(_epoll.Modify(_listening, EpollEvents.In, s_accept.Value));
    }

    private void Begin(UnixSocket socket)
    {
        // Before anything else: who is it. Any doubt refuses, and no number has a default.
        ulong key = 0;
        Errno errno = socket.GetPeer(out PeerCredentials credentials, out PidFd? process);
        if (errno == Errno.None)
            errno = process!.GetInode(out key);
        if (errno != Errno.None)
        {
            process?.Dispose();
            RejectCode lack = errno is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM
                ? RejectCode.Overloaded
                : RejectCode.NotPermitted;
            RefuseSocket(socket, "unknown", lack, $"the kernel does not say who connects ({errno.Describe()})");
            return;
        }

        _ = socket.RefuseDescriptors();
        var identity = new PeerIdentity(credentials.Uid, credentials.Gid, credentials.Pid, key);
        (RejectCode code, string reason) = Judge(identity);
        if (code != RejectCode.None)
        {
            process!.Dispose();
            RefuseSocket(socket, identity.ToString(), code, reason);
            return;
        }

        var client = new PendingHandshake(socket, identity, process!, Deadline.After(_options.HandshakeTimeout));
        client.Token = _table.Add(client);
        _pending.Add(client);
        Volatile.Write(ref _pendingCount, _pending.Count);
        errno = _epoll.Add(socket, EpollEvents.In | EpollEvents.RdHup, client.Token.Value);
        if (errno != Errno.None)
            Refuse(client, RejectCode.Overloaded, $"it cannot be waited for ({errno.Describe()})");
    }

    private (RejectCode Code, string Reason) Judge(PeerIdentity identity)
    {
        if (!IsAdmitted(identity))
        {
            return (RejectCode.NotPermitted,
                $"user {identity.UserId} may not connect to a listener of user {Identity.EffectiveUid()}");
        }

        if (_pending.Count >= _options.MaxHandshakes)
            return (RejectCode.Overloaded, $"{_options.MaxHandshakes} handshakes are under way");
        if (_endpoints.Count + _pending.Count >= _options.MaxConnections)
            return (RejectCode.Overloaded, $"all {_options.MaxConnections} connections are in use");
        return (RejectCode.None, "");
    }

    private bool IsAdmitted(PeerIdentity identity)
    {
        if (identity.UserId == Identity.EffectiveUid())
            return true;
        try
        {
            return _options.Admit?.Invoke(identity) ?? false;
        }
        catch (Exception e)
        {
            GangwayEvents.Log.HandlerFailed(_address.Text, 0, e);
            return false;
        }
    }

    private void Refuse(PendingHandshake client, RejectCode code, string reason)
    {
        Note(client.Identity.ToString(), code, reason);
        _ = client.Socket.Send(Packet.Reject(code, reason));
        Forget(client);
    }

    private void RefuseSocket(UnixSocket socket, string who, RejectCode code, string reason)
    {
        Note(who, code, reason);
        _ = socket.Send(Packet.Reject(code, reason));
        socket.Dispose();
    }

    private void Note(string who, RejectCode code, string reason)
    {
        Interlocked.Increment(ref _refused);
        Volatile.Write(ref _lastRefusal, $"{who}: {code}, {reason}");
        GangwayEvents.Log.Refused(_address.Text, who, code.ToString(), reason);
    }

    private void Abandon(PendingHandshake client)
    {
        Interlocked.Increment(ref _abandoned);
        Forget(client);
    }

    private void Forget(PendingHandshake client)
    {
        _table.Remove(client.Token);
        _pending.Remove(client);
        Volatile.Write(ref _pendingCount, _pending.Count);
        _epoll.Remove(client.Socket);
        client.Dispose();
    }

    private void Require(Errno errno)
    {
        if (errno != Errno.None)
        {
            throw new GangwayException(ConnectError.System, _address.Text,
                $"Cannot listen on '{_address}': {errno.Describe()}. This process may be at its limit of descriptors.");
        }
    }
}
