// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

// From the backlog to a handshake: who it is, whether it is admitted, whether there is room for it.
internal sealed partial class Acceptor
{
    private const int AcceptsPerWake = 16;

    /// <summary>How many may be refused in the time of one pause: who knocks faster waits in the backlog.</summary>
    private const int RefusalsPerPause = 64;

    private const int HeldMax = 64;
    private const int HeldPerProcess = 2;

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Those whose process, or user, did something before that has its price.</summary>
    private readonly List<HeldClient> _held = [];

    private EventFd? _spare;
    private Deadline _resumesAt = Deadline.Never;
    private Deadline _refusalsEnd = Deadline.Never;
    private int _refusals;

    private void AcceptSome()
    {
        for (int i = 0; i < AcceptsPerWake && _resumesAt.IsNever && !Volatile.Read(ref _isStopping); i++)
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
            Decline(socket!, "unknown", RejectCode.Overloaded, "this process has no descriptors left (RLIMIT_NOFILE)");
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
            Decline(socket, "unknown", lack, $"the kernel does not say who connects ({errno.Describe()})");
            return;
        }

        _ = socket.RefuseDescriptors();
        var identity = new PeerIdentity(credentials.Uid, credentials.Gid, credentials.Pid, key);
        long now = Deadline.Now;
        long until = IsAdmitted(identity) ? _penalties.HeldUntil(identity, now) : now;
        if (until > now)
            Hold(new HeldClient(socket, process!, identity, until));
        else
            Start(socket, process!, identity);
    }

    /// <summary>Puts a client aside. It costs two descriptors, so there are few, and few of one process.</summary>
    private void Hold(HeldClient client)
    {
        if (_held.Count >= HeldMax || _held.Count(held => held.Identity.ProcessKey == client.Identity.ProcessKey) >= HeldPerProcess)
        {
            client.Process.Dispose();
            Decline(client.Socket, client.Identity.ToString(), RejectCode.Overloaded,
                "this process, or user, broke the protocol, or connects and leaves all the time (ListenerOptions.FaultPenalty)");
            return;
        }

        client.Token = _table.Add(client);
        lock (_admission)
            _held.Add(client);
        _counts.Hold(client.Identity, client.Until - Deadline.Now);
        NotePending();
        if (_epoll.Add(client.Socket, EpollEvents.RdHup, client.Token.Value) != Errno.None)
            LetGo(client);
    }

    /// <summary>It is not held any more.</summary>
    private void Unhold(HeldClient client)
    {
        _table.Remove(client.Token);
        _epoll.Remove(client.Socket);
        lock (_admission)
            _held.Remove(client);
        NotePending();
    }

    /// <summary>A held client hung up.</summary>
    private void LetGo(HeldClient client)
    {
        Unhold(client);
        _counts.Abandon();
        client.Process.Dispose();
        client.Socket.Dispose();
    }

    private void RefuseHeld(HeldClient client, RejectCode code, string reason)
    {
        Unhold(client);
        client.Process.Dispose();
        RefuseSocket(client.Socket, client.Identity.ToString(), code, reason);
    }

    private void StartHeld()
    {
        if (_held.Count == 0)
            return;
        long now = Deadline.Now;
        foreach (HeldClient client in _held.Where(client => client.Until <= now).ToArray())
        {
            Unhold(client);
            Start(client.Socket, client.Process, client.Identity);
        }
    }

    /// <summary>Its first packet may be read from here on, if there is room for it.</summary>
    private void Start(UnixSocket socket, PidFd process, PeerIdentity identity)
    {
        (RejectCode code, string reason) = Judge(identity, socket, out ConnectionCharge? charge);
        if (charge is null)
        {
            process.Dispose();
            Decline(socket, identity.ToString(), code, reason);
            return;
        }

        var client = new PendingHandshake(socket, process, charge, Deadline.After(_options.HandshakeTimeout));
        client.Token = _table.Add(client);
        lock (_admission)
            _pending.Add(client);
        NotePending();
        Errno errno = _epoll.Add(socket, EpollEvents.In | EpollEvents.RdHup, client.Token.Value);
        if (errno != Errno.None)
            Refuse(client, RejectCode.Overloaded, $"it cannot be waited for ({errno.Describe()})");
    }

    private void NotePending() => Volatile.Write(ref _pendingCount, _pending.Count + _held.Count);

    /// <summary>Refuses before a handshake began, and looks away for a moment when that happens too often.</summary>
    private void Decline(UnixSocket socket, string who, RejectCode code, string reason)
    {
        RefuseSocket(socket, who, code, reason);
        if (_refusalsEnd.IsNever || _refusalsEnd.HasPassed)
        {
            _refusalsEnd = Deadline.After(s_acceptPause);
            _refusals = 0;
        }

        if (++_refusals >= RefusalsPerPause)
            PauseAccepting();
    }

    /// <summary>Whether this one may come in: charged, if it may.</summary>
    private (RejectCode Code, string Reason) Judge(PeerIdentity identity, UnixSocket socket, out ConnectionCharge? charge)
    {
        charge = null;
        if (!IsAdmitted(identity))
        {
            return (RejectCode.NotPermitted,
                $"user {identity.UserId} may not connect to a listener of user {Identity.EffectiveUid()}");
        }

        if (ResourceLimits.IsOneOfTheLast(socket))
            return (RejectCode.Overloaded, "this process is at its limit of descriptors (RLIMIT_NOFILE)");
        if (!MappingBudget.HasRoom(ConnectionCost.Mappings))
        {
            return (RejectCode.Overloaded,
                $"this process has {MappingBudget.Used} of {MappingBudget.Limit} mappings (vm.max_map_count)");
        }

        return _book.TryOpen(identity, out charge) is { } full ? (RejectCode.Overloaded, full) : (RejectCode.None, "");
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
}
