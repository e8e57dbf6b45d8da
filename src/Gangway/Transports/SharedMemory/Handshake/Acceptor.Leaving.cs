// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

// What ended connections leave behind: a client's last word that is still to come, and processes that keep their memory.
internal sealed partial class Acceptor
{
    /// <summary>More than a socket can hold: bells that were sent before the client learnt of the end.</summary>
    private const int LastPacketsMax = 1024;

    private static readonly TimeSpan s_watchPause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<LeftConnection> _left = [];
    private readonly Dictionary<ulong, MemoryKeeper> _keepers = [];

    /// <summary>Who keeps memory and could not be watched, for lack of a descriptor.</summary>
    private readonly HashSet<PeerIdentity> _unwatched = [];
    private Deadline _watchesAt = Deadline.Never;

    /// <summary>Under <see cref="_admission"/>: nothing that is posted is run any more.</summary>
    private bool _hasStopped;

    /// <summary>Waits for a client's last word on a thread that has time for it. Any thread.</summary>
    private void Leave(LeftConnection left)
    {
        lock (_admission)
        {
            if (!_hasStopped)
            {
                Post(() => Await(left));
                return;
            }
        }

        left.Socket.Dispose();
        _book.SocketClosed(left.Charge);
    }

    private void Await(LeftConnection left)
    {
        _left.Add(left);
        left.Token = _table.Add(left);
        if (_epoll.Add(left.Socket, EpollEvents.In | EpollEvents.RdHup, left.Token.Value) != Errno.None)
            Close(left);

        // Its process may end without a hang-up, while a child holds the socket.
        Watch(left.Charge.Identity);
    }

    /// <summary>One packet a turn: epoll comes again for the rest.</summary>
    private void OnLastWord(LeftConnection left)
    {
        Errno errno = left.Socket.Receive(_packet, out int count);

        // It closed with something of ours unread: what it said before can still be had.
        if (errno == Errno.ECONNRESET)
            errno = left.Socket.Receive(_packet, out count);
        if (errno == Errno.EAGAIN || (errno == Errno.None && count == 1 && ++left.Packets < LastPacketsMax))
            return;

        // TRUST: a private copy, compared with what it must be. Anything else, a hang-up too, is the end without the word.
        if (errno == Errno.None && HandshakePacket.IsPlain(_packet.AsSpan(0, count), PacketType.Unmapped))
            _book.Unmapped(left.Charge);
        Close(left);
        ulong key = left.Charge.Identity.ProcessKey;
        if (!_book.IsKept(key))
            Forget(key);
    }

    private void Close(LeftConnection left)
    {
        if (!_left.Remove(left))
            return;
        _table.Remove(left.Token);
        _epoll.Remove(left.Socket);
        left.Socket.Dispose();
        _book.SocketClosed(left.Charge);
    }

    /// <summary>Bytes were kept: has the process give them back when it ends.</summary>
    private void Watch(PeerIdentity identity)
    {
        if (_keepers.ContainsKey(identity.ProcessKey) || !_book.IsKept(identity.ProcessKey))
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
                _keepers.Add(key, keeper);
                _book.Watching(key);
                return;
            }

            _table.Remove(keeper.Token);
        }

        process?.Dispose();
        if (isGone)
        {
            Forget(identity.ProcessKey);
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

    /// <summary>A process is gone, or keeps nothing any more: nothing of it is to come.</summary>
    private void Forget(ulong processKey)
    {
        if (_keepers.Remove(processKey, out MemoryKeeper? keeper))
        {
            _table.Remove(keeper.Token);
            _epoll.Remove(keeper.Descriptor);
            keeper.Descriptor.Dispose();
        }

        _book.ProcessGone(processKey);
        foreach (LeftConnection left in _left.Where(left => left.Charge.Identity.ProcessKey == processKey).ToArray())
            Close(left);
    }

    /// <summary>The last of the acceptor's thread: what was posted until now is run, and nothing afterwards.</summary>
    private void StopLeaving()
    {
        lock (_admission)
        {
            RunPosted();
            _hasStopped = true;
        }

        foreach (LeftConnection left in _left.ToArray())
            Close(left);
        foreach (ulong key in _keepers.Keys.ToArray())
            Forget(key);
    }
}
