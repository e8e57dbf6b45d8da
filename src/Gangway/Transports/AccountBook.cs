// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>Who has what of a listener, and who may have more. Everything is charged here before it is made.</summary>
/// <remarks><b>Threads:</b> safe; a lock, taken when connections come and go, never by a call or a message.</remarks>
internal sealed class AccountBook(ListenerOptions options, uint ownUserId)
{
    // Design:
    //
    // A charge begins whole (connection, both segments, both mappings, four descriptors) before anything is made, and shrinks
    // as the handshake's descriptors are closed. When the connection ends everything goes back but the bytes: those stay with
    // the peer's process until it says that it unmapped them, or is gone. So a user's bytes bound what its processes can make
    // this machine keep, whatever they do with their mappings.
    //
    // INVARIANT: the sums over _users are what this listener holds: sockets, pidfds and memfds; mappings; bytes.

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, UserAccount> _users = [];
    private readonly Dictionary<ulong, ProcessAccount> _processes = [];
    private int _connections;
    private int _handshakes;

    /// <summary>The sums over all users.</summary>
    internal ListenerCharges Charged
    {
        get
        {
            lock (_lock)
            {
                return new ListenerCharges(
                    _users.Values.Sum(static user => user.Connections),
                    _users.Values.Sum(static user => user.Bytes),
                    _processes.Values.Sum(static process => process.Kept.Values.Sum()),
                    _users.Values.Sum(static user => user.Mappings),
                    _users.Values.Sum(static user => user.Descriptors),
                    _users.Values.Sum(static user => user.Transactions));
            }
        }
    }

    /// <summary>Charges one connection more, before anything of it is made.</summary>
    /// <param name="identity">Who asks, as the kernel says.</param>
    /// <param name="charge">What to give back later; null when there is no room.</param>
    /// <returns>Null, or which limit stands in the way and which option raises it: for a person.</returns>
    internal string? TryOpen(PeerIdentity identity, out ConnectionCharge? charge)
    {
        charge = null;
        lock (_lock)
        {
            if (_handshakes >= options.MaxHandshakes)
                return $"{options.MaxHandshakes} handshakes are under way (ListenerOptions.{nameof(options.MaxHandshakes)})";
            if (_connections >= options.MaxConnections)
                return $"all {options.MaxConnections} connections are in use (ListenerOptions.{nameof(options.MaxConnections)})";

            if (!_users.TryGetValue(identity.UserId, out UserAccount? account))
                account = new UserAccount(identity.UserId, UserQuota.Of(options, identity.UserId == ownUserId));
            if (account.WhyNoMore() is { } reason)
                return reason;

            _users[account.UserId] = account;
            account.Connections++;
            account.Handshakes++;
            account.Bytes += ConnectionCost.Bytes;
            account.Mappings += ConnectionCost.Mappings;
            account.Descriptors += ConnectionCost.HandshakeDescriptors;
            _connections++;
            _handshakes++;
            charge = new ConnectionCharge(account, identity);
            return null;
        }
    }

    /// <summary>Charges the lanes that a handshake asks for, before they are made.</summary>
    /// <returns>Null, or which limit stands in the way and which option raises it: for a person.</returns>
    internal string? TryAddLanes(ConnectionCharge charge, SegmentShape shape)
    {
        if (options.WhyNotSoManyLanes(shape) is { } tooMany)
            return tooMany;
        long bytes = ConnectionCost.LaneBytes(shape);
        lock (_lock)
        {
            if (charge.Account.WhyNotSoMany(bytes) is { } reason)
                return reason;
            charge.Account.Bytes += bytes;
            charge.Bytes += bytes;
            return null;
        }
    }

    /// <summary>The handshake is over: the descriptors of the segments are closed, and one of the process is enough.</summary>
    internal void Connected(ConnectionCharge charge)
    {
        lock (_lock)
        {
            charge.IsConnected = true;
            charge.Account.Handshakes--;
            _handshakes--;
            charge.Account.Descriptors -= ConnectionCost.HandshakeDescriptors - 1;
            ProcessAccount process = Process(charge.Identity.ProcessKey);
            process.Connections++;
            if (process.PaysReactor is null)
            {
                process.PaysReactor = charge.Account;
                charge.Account.Descriptors++;
            }
        }
    }

    /// <summary>The connection, or its handshake, has ended.</summary>
    /// <param name="charge">What was charged; a second time changes nothing.</param>
    /// <param name="isUnmapped">Whether the peer never had the memory, or says that it has unmapped it.</param>
    /// <param name="holdsSocket">Whether its socket stays open until <see cref="SocketClosed"/>.</param>
    internal void Close(ConnectionCharge charge, bool isUnmapped, bool holdsSocket = false)
    {
        lock (_lock)
        {
            if (charge.IsClosed)
                return;
            charge.IsClosed = true;

            UserAccount account = charge.Account;
            ProcessAccount process = Process(charge.Identity.ProcessKey);
            account.Connections--;
            account.Mappings -= ConnectionCost.Mappings;
            _connections--;
            if (charge.IsConnected)
            {
                account.Descriptors -= holdsSocket ? 0 : 1;
                if (--process.Connections == 0)
                {
                    process.PaysReactor!.Descriptors--;
                    process.PaysReactor = null;
                }
            }
            else
            {
                account.Handshakes--;
                account.Descriptors -= ConnectionCost.HandshakeDescriptors;
                _handshakes--;
            }

            if (isUnmapped)
                account.Bytes -= charge.Bytes;
            else
                process.Kept[account] = process.Kept.GetValueOrDefault(account) + charge.Bytes;
            Forget(charge.Identity.ProcessKey);
        }
    }

    /// <summary>A closed connection's peer says, late, that it has unmapped its memory.</summary>
    internal void Unmapped(ConnectionCharge charge)
    {
        lock (_lock)
        {
            if (!_processes.TryGetValue(charge.Identity.ProcessKey, out ProcessAccount? process)
                || !process.Kept.TryGetValue(charge.Account, out long kept))
            {
                return;
            }

            charge.Account.Bytes -= charge.Bytes;
            if (kept == charge.Bytes)
                process.Kept.Remove(charge.Account);
            else
                process.Kept[charge.Account] = kept - charge.Bytes;
            Forget(charge.Identity.ProcessKey);
        }
    }

    /// <summary>The socket that a closed connection still held is closed.</summary>
    internal void SocketClosed(ConnectionCharge charge)
    {
        lock (_lock)
        {
            charge.Account.Descriptors--;
            ForgetUsers();
        }
    }

    /// <summary>Whether a process keeps memory of ended connections.</summary>
    internal bool IsKept(ulong processKey)
    {
        lock (_lock)
            return _processes.TryGetValue(processKey, out ProcessAccount? process) && process.Kept.Count != 0;
    }

    /// <summary>A descriptor of the process is held from here to <see cref="ProcessGone"/>.</summary>
    internal void Watching(ulong processKey)
    {
        lock (_lock)
        {
            ProcessAccount process = _processes[processKey];
            process.PaysWatch = process.Kept.Keys.First();
            process.PaysWatch.Descriptors++;
        }
    }

    /// <summary>The process has ended, and its mappings with it, or keeps none; what watched it is closed.</summary>
    internal void ProcessGone(ulong processKey)
    {
        lock (_lock)
        {
            if (!_processes.TryGetValue(processKey, out ProcessAccount? process))
                return;
            foreach ((UserAccount account, long bytes) in process.Kept)
                account.Bytes -= bytes;
            process.Kept.Clear();
            if (process.PaysWatch is { } pays)
                pays.Descriptors--;
            process.PaysWatch = null;
            Forget(processKey);
        }
    }

    private ProcessAccount Process(ulong key)
    {
        if (!_processes.TryGetValue(key, out ProcessAccount? process))
            _processes.Add(key, process = new ProcessAccount());
        return process;
    }

    /// <summary>Accounts without a charge are no longer kept, or a stream of processes and users would make them grow.</summary>
    private void Forget(ulong processKey)
    {
        if (_processes.TryGetValue(processKey, out ProcessAccount? process) && process.IsIdle)
            _processes.Remove(processKey);
        ForgetUsers();
    }

    private void ForgetUsers()
    {
        foreach (UserAccount account in _users.Values)
        {
            if (account.IsIdle)
                _users.Remove(account.UserId);
        }
    }
}
