// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The connecting side of the handshake: section 2 of docs/PROTOCOL.md, from top to bottom.</summary>
internal static class SharedMemoryConnector
{
    private const Seals OwnBefore = Seals.Shrink | Seals.Grow;
    private const Seals Complete = OwnBefore | Seals.FutureWrite | Seals.Seal;

    /// <summary>Twice what a server allows a handshake: one that has not answered by then is stopped, or dead with a living child.</summary>
    private static readonly TimeSpan s_serversTime = TimeSpan.FromSeconds(10);

    /// <summary>Connects, or leaves nothing behind.</summary>
    /// <exception cref="GangwayException">It did not succeed; the message says why.</exception>
    internal static SharedMemoryLink Connect(Endpoint endpoint, ConnectAttempt attempt)
    {
        Address address = endpoint.Address;
        Reactor reactor = endpoint.Options.Port?.Loop ?? Reactor.Clients;
        RequireMappings(address);
        Deadline deadline = attempt.Deadline;
        UnixSocket socket = LocalDirectory.Connect(address, attempt);
        PidFd? process = null;
        FileDescriptor? ownMemory = null, peerMemory = null;
        SegmentPair? segments = null;
        try
        {
            attempt.WaitsOn(socket);
            RequireDescriptors(address, socket);
            PeerIdentity identity = Identify(address, socket, out process);

            SegmentShape shape = endpoint.Options.Shape;
            Send(address, socket, Hello.Write(attempt.Asked, shape));
            byte[] buffer = new byte[HandshakePacket.BytesMax];
            ConnectionId id = ReceiveWelcome(address, socket, buffer, attempt.Asked.Epoch, shape, deadline, out ownMemory, out peerMemory);

            CheckMemory(address, peerMemory, shape, Complete, "the segment that it writes");
            CheckMemory(address, ownMemory, shape, OwnBefore, "the segment that we write");
            segments = Map(address, shape, ownMemory, peerMemory);
            RequireWait(address, segments);
            Send(address, socket, HandshakePacket.Plain(PacketType.Ready));

            // The server may be checking what we mapped, and has a deadline of its own: no giving up before that.
            ReceiveGo(address, socket, buffer, Deadline.After(s_serversTime));
            CheckMemory(address, ownMemory, shape, Complete, "the segment that we write");
            if (!SegmentHeader.IsGood(segments.Peer, shape))
                throw Broken(address, "the header of its segment is wrong");
            SegmentHeader.Write(segments.Own, shape);
            Send(address, socket, HandshakePacket.Plain(PacketType.Up));

            attempt.WaitsOn(null);
            return new SharedMemoryLink(endpoint, reactor, socket, segments, identity, process!) { Id = id };
        }
        catch
        {
            attempt.WaitsOn(null);
            segments?.Dispose();
            process?.Dispose();
            SayUnmapped(socket, ownMemory, peerMemory);
            socket.Dispose();
            throw;
        }
        finally
        {
            ownMemory?.Dispose();
            peerMemory?.Dispose();
        }
    }

    /// <summary>The runtime aborts where the kernel has no mapping left, so we stop well before.</summary>
    private static void RequireMappings(Address address)
    {
        if (MappingBudget.HasRoom(ConnectionCost.Mappings))
            return;

        // Connections that ended hold theirs until the collector has seen them; this thread can wait for that.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (!MappingBudget.HasRoom(ConnectionCost.Mappings))
            throw CannotMap(address, Errno.ENOMEM);
    }

    private static void RequireDescriptors(Address address, UnixSocket socket)
    {
        if (ResourceLimits.IsOneOfTheLast(socket))
        {
            throw new GangwayException(ConnectError.Overloaded, address.Text,
                $"Cannot connect to '{address}': this process is at its limit of {ResourceLimits.DescriptorLimit()} descriptors. "
                + "Close some, or raise the limit (ulimit -n, RLIMIT_NOFILE).");
        }
    }

    /// <summary>Nothing came of it: tells the listener that its memory is not held here, so that it need not go on charging it.</summary>
    private static void SayUnmapped(UnixSocket socket, FileDescriptor? ownMemory, FileDescriptor? peerMemory)
    {
        if (ownMemory is null || peerMemory is null)
        {
            // What came and was not taken, because time ran out or the attempt was ended, and nothing comes after it.
            socket.ShutdownReceiving();
            byte[] left = new byte[HandshakePacket.BytesMax];
            if (socket.ReceiveWithDescriptors(left, out _, out peerMemory, out ownMemory) != Errno.None || peerMemory is null)
                return;
        }

        ownMemory?.Dispose();
        peerMemory.Dispose();
        _ = socket.Send(HandshakePacket.Plain(PacketType.Unmapped));
    }

    private static PeerIdentity Identify(Address address, UnixSocket socket, out PidFd? process)
    {
        Errno errno = socket.GetPeer(out PeerCredentials credentials, out process);
        ulong key = 0;
        if (errno == Errno.None)
            errno = process!.GetInode(out key);
        if (errno != Errno.None)
        {
            process?.Dispose();
            throw new GangwayException(ConnectError.NotServed, address.Text,
                $"Cannot connect to '{address}': the kernel does not say who listens there ({errno.Describe()}). "
                + "Its process may have ended: start the server again.");
        }

        return new PeerIdentity(credentials.Uid, credentials.Gid, credentials.Pid, key);
    }

    private static ConnectionId ReceiveWelcome(
        Address address, UnixSocket socket, byte[] buffer, ulong epoch, SegmentShape shape, Deadline deadline,
        out FileDescriptor ownMemory, out FileDescriptor peerMemory)
    {
        FileDescriptor? peers, ours;
        int count;
        bool wasReset = false;
        while (true)
        {
            Errno errno = socket.ReceiveWithDescriptors(buffer, out count, out peers, out ours);
            if (errno == Errno.EAGAIN)
            {
                Wait(address, socket, deadline);
                continue;
            }

            // A server that refuses before it reads resets the connection, and says why in what is still to be read.
            if (errno == Errno.ECONNRESET && !wasReset)
            {
                wasReset = true;
                continue;
            }

            if (errno != Errno.None || count == 0)
                throw HungUp(address, errno);
            break;
        }

        // TRUST: `buffer` is a private copy; the descriptors are checked one by one before they are mapped.
        ReadOnlySpan<byte> packet = buffer.AsSpan(0, count);
        string? wrong = HandshakePacket.TryReadReject(packet, out RejectCode code, out string reason)
            ? null
            : Welcome.Check(packet, epoch, shape) ?? (peers is null || ours is null ? "its Welcome carries no descriptors" : null);
        if (code == RejectCode.None && wrong is null)
        {
            peerMemory = peers!;
            ownMemory = ours!;
            return new ConnectionId(Welcome.PairOf(packet), epoch);
        }

        peers?.Dispose();
        ours?.Dispose();
        throw wrong is null ? Rejected(address, code, reason) : Broken(address, wrong);
    }

    private static SegmentPair Map(Address address, SegmentShape shape, FileDescriptor ownMemory, FileDescriptor peerMemory)
    {
        Errno errno = Mapping.Map(peerMemory, (ulong)shape.Bytes, MappingAccess.Read, out Mapping? peer);
        if (errno != Errno.None)
            throw CannotMap(address, errno);
        errno = Mapping.Map(ownMemory, (ulong)shape.Bytes, MappingAccess.ReadWrite, out Mapping? own);
        if (errno == Errno.None)
            errno = peer!.Populate();
        if (errno == Errno.None)
            errno = own!.Populate();
        if (errno == Errno.None)
            return new SegmentPair(shape, own!, peer!);

        peer!.Dispose();
        own?.Dispose();
        throw CannotMap(address, errno);
    }

    private static void RequireWait(Address address, SegmentPair segments)
    {
        // The peer could make this say "woken" by writing the word meanwhile; it would only pass the probe.
        Errno errno = segments.ProbeWait();
        if (errno is not (Errno.None or Errno.ETIMEDOUT))
        {
            throw new GangwayException(ConnectError.System, address.Text,
                $"Cannot connect to '{address}': futex_waitv fails with {errno.Describe()}. It needs Linux 5.16, and a "
                + "sandbox that allows it.");
        }
    }

    private static void ReceiveGo(Address address, UnixSocket socket, byte[] buffer, Deadline deadline)
    {
        while (true)
        {
            Errno errno = socket.Receive(buffer, out int count);
            if (errno == Errno.EAGAIN)
            {
                Wait(address, socket, deadline);
                continue;
            }

            if (errno != Errno.None || count == 0)
                throw HungUp(address, errno);
            ReadOnlySpan<byte> packet = buffer.AsSpan(0, count);
            if (HandshakePacket.TryReadReject(packet, out RejectCode code, out string reason))
                throw Rejected(address, code, reason);
            if (!HandshakePacket.IsPlain(packet, PacketType.Go))
                throw Broken(address, "it answered Ready with something that is not Go");
            return;
        }
    }

    private static void CheckMemory(Address address, FileDescriptor memory, SegmentShape shape, Seals seals, string which)
    {
        Errno errno = MemFd.Inspect(memory, out MemFdInfo info);
        if (errno != Errno.None)
            throw Broken(address, $"{which} cannot be examined ({errno.Describe()})");
        if (!info.IsTmpfs)
            throw Broken(address, $"{which} is not anonymous memory");
        if (info.Bytes != (ulong)shape.Bytes)
            throw Broken(address, $"{which} has {info.Bytes} bytes and not {shape.Bytes}");
        if ((info.Seals & seals) != seals)
            throw Broken(address, $"{which} has the seals {info.Seals} and needs {seals}");
    }

    private static void Send(Address address, UnixSocket socket, byte[] packet)
    {
        // A handshake packet always fits into an empty socket: anything but success means that the server is gone, or
        // that it fills our side with what it has no business to send.
        Errno errno = socket.Send(packet);
        if (errno == Errno.None)
            return;

        // A server that refused before it read says why in what it left.
        byte[] left = new byte[HandshakePacket.BytesMax];
        if (socket.Receive(left, out int count) == Errno.None
            && HandshakePacket.TryReadReject(left.AsSpan(0, count), out RejectCode code, out string reason))
        {
            throw Rejected(address, code, reason);
        }

        throw HungUp(address, errno);
    }

    private static void Wait(Address address, UnixSocket socket, Deadline deadline)
    {
        Errno errno = socket.WaitReadable(deadline.Nanoseconds);
        if (errno == Errno.ETIMEDOUT)
        {
            throw new GangwayException(ConnectError.TimedOut, address.Text,
                $"Cannot connect to '{address}': its server accepted but did not answer in time. It may be stopped or "
                + "overloaded; EndpointOptions.ConnectTimeout says how long to wait.");
        }
    }

    private static GangwayException Rejected(Address address, RejectCode code, string reason)
    {
        (ConnectError error, string advice) = code switch
        {
            RejectCode.NotPermitted => (ConnectError.NotPermitted,
                "Run as a user that the listener admits, or set ListenerOptions.Admit there."),
            RejectCode.Overloaded => (ConnectError.Overloaded,
                "Try again later, close what is not needed, or raise the limit that the reason names."),
            RejectCode.Closing => (ConnectError.HandshakeFailed, "Its server is going; start it again."),
            RejectCode.Version or RejectCode.OtherMachine or RejectCode.Limits => (ConnectError.Incompatible,
                "Run both sides with one version of Gangway, on one kernel and in one time namespace."),
            RejectCode.TimedOut => (ConnectError.TimedOut, "This process was stopped or starved during the handshake; try again."),
            RejectCode.NotYet => (ConnectError.TimedOut,
                "Its OnDisconnect of the last connection has not completed; try again."),
            RejectCode.Stale => (ConnectError.HandshakeFailed, "A later attempt of this endpoint came before; that one counts."),
            _ => (ConnectError.HandshakeFailed, "Something other than this version of Gangway may be at one of the ends."),
        };
        return new GangwayException(error, address.Text,
            $"Cannot connect to '{address}': the listener refused ({code}: {reason}). {advice}") { IsAnswer = true };
    }

    private static GangwayException Broken(Address address, string how) =>
        new(ConnectError.HandshakeFailed, address.Text,
            $"Cannot connect to '{address}': the server broke the protocol: {how}. Nothing of it was used; check what serves "
            + "that name.") { IsAnswer = true };

    private static GangwayException HungUp(Address address, Errno errno) =>
        new(ConnectError.HandshakeFailed, address.Text,
            $"Cannot connect to '{address}': the server ended the connection during the handshake"
            + (errno == Errno.None ? "" : $" ({errno.Describe()})") + ". It may have ended: try again.");

    private static GangwayException CannotMap(Address address, Errno errno) => errno == Errno.ENOMEM
        ? new(ConnectError.Overloaded, address.Text,
            $"Cannot connect to '{address}': this process has no room for two mappings more ({MappingBudget.Used} of "
            + $"{MappingBudget.Limit} are connections; vm.max_map_count), or no memory. Close connections, or raise the limit.")
        : new(ConnectError.System, address.Text,
            $"Cannot connect to '{address}': the shared memory cannot be mapped: {errno.Describe()}.");
}
