// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// The listening side's steps: section 2 of docs/PROTOCOL.md, in order.
internal sealed partial class Acceptor
{
    private void OnSign(PendingHandshake client, EpollEvents events)
    {
        if ((events & EpollEvents.In) == 0)
        {
            Abandon(client);
            return;
        }

        Errno errno = client.Socket.Receive(_packet, out int count);

        // It closed with something of ours unread: what it said before can still be had.
        if (errno == Errno.ECONNRESET)
            errno = client.Socket.Receive(_packet, out count);
        if (errno == Errno.EAGAIN)
            return;
        if (errno == Errno.EMSGSIZE)
        {
            Refuse(client, RejectCode.Malformed, $"a packet is longer than {HandshakePacket.BytesMax} bytes");
            return;
        }

        if (errno != Errno.None || count == 0)
        {
            Abandon(client);
            return;
        }

        // TRUST: `_packet` is a private copy; each step checks it whole before it uses a field.
        ReadOnlySpan<byte> packet = _packet.AsSpan(0, count);
        bool isUnmapped = HandshakePacket.IsPlain(packet, PacketType.Unmapped);
        if (isUnmapped || HandshakePacket.TryReadReject(packet, out _, out _))
        {
            client.MayMap &= !isUnmapped;
            Abandon(client);
            return;
        }

        switch (client.Awaited)
        {
            case PacketType.Hello:
                OnHello(client, packet);
                break;
            case PacketType.Ready:
                OnReady(client, packet);
                break;
            default:
                OnUp(client, packet);
                break;
        }
    }

    private void OnHello(PendingHandshake client, ReadOnlySpan<byte> packet)
    {
        RejectCode code = client.IsWaiting ? RejectCode.Malformed : RejectCode.None;
        string reason = "the client goes on before it is welcome";
        ConnectionId asked = default;
        SegmentShape shape = default;
        if (code == RejectCode.None)
            code = Hello.Check(packet, out asked, out shape, out reason);
        if (code != RejectCode.None)
        {
            Refuse(client, code, reason);
            return;
        }

        client.Shape = shape;
        if (TryBeginPair(client, asked))
            Offer(client);
    }

    /// <summary>Makes the segments and sends them.</summary>
    private void Offer(PendingHandshake client)
    {
        SegmentShape shape = client.Shape;
        if (_book.TryAddLanes(client.Charge, shape) is { } full)
        {
            Refuse(client, RejectCode.Overloaded, full);
            return;
        }

        Errno errno = SegmentMaker.TryMake(shape, out SegmentMaker? maker);
        if (errno != Errno.None)
        {
            Refuse(client, RejectCode.Overloaded, $"no shared memory ({errno.Describe()})");
            return;
        }

        client.Maker = maker;
        client.Awaited = PacketType.Ready;
        errno = client.Socket.SendWithDescriptors(Welcome.Write(client.Id, shape), maker!.OwnMemory, maker.PeerMemory);
        client.MayMap = errno == Errno.None;
        if (errno != Errno.None)
            Refuse(client, RejectCode.Overloaded, $"the shared memory cannot be sent ({errno.Describe()})");
    }

    private void OnReady(PendingHandshake client, ReadOnlySpan<byte> packet)
    {
        if (!HandshakePacket.IsPlain(packet, PacketType.Ready))
        {
            Refuse(client, RejectCode.Malformed, "expected Ready");
            return;
        }

        if (client.Maker!.SealAndCheck() is { } wrong)
        {
            Refuse(client, RejectCode.Memory, wrong);
            return;
        }

        client.Segments = client.Maker.Take();
        client.Maker = null;
        SegmentHeader.Write(client.Segments.Own, client.Segments.Shape);
        client.Awaited = PacketType.Up;

        // One that gave up takes nothing more, and says as its last word that it holds no memory: that is still to be read.
        _ = client.Socket.Send(HandshakePacket.Plain(PacketType.Go));
    }

    private void OnUp(PendingHandshake client, ReadOnlySpan<byte> packet)
    {
        if (!HandshakePacket.IsPlain(packet, PacketType.Up))
        {
            Refuse(client, RejectCode.Malformed, "expected Up");
            return;
        }

        if (!SegmentHeader.IsGood(client.Segments!.Peer, client.Segments.Shape))
        {
            Refuse(client, RejectCode.Malformed, "the header of the client's segment is wrong");
            return;
        }

        // It has said Up, so it takes itself for connected: one that was revoked meanwhile is, too, and ends.
        lock (_admission)
        {
            bool isRevoked = client.IsRevoked;
            SharedMemoryLink link = Connect(client);
            if (isRevoked)
                link.EndSoon(DisconnectReason.Revoked);
        }
    }

    private SharedMemoryLink Connect(PendingHandshake client)
    {
        ConnectionCharge charge = client.Charge;
        var endpoint = new Endpoint(_address, _handler, charge.Identity, _options.Strand)
        {
            Account = charge.Account,
            Permit = _options.Permit,
        };
        var link = new SharedMemoryLink(
            endpoint, NextReactor(), client.Socket, client.Segments!, charge.Identity, client.Process) { Id = client.Id, LeavesSocket = true };
        KnownPair pair = client.Pair!;
        pair.Endpoint = endpoint;
        client.IsTaken = true;
        Forget(client);

        _counts.Accept();
        _book.Connected(charge);
        _links.TryAdd(endpoint, link);
        endpoint.LinkEnded += ended => OnLinkEnded(ended, link, charge);
        endpoint.Quiet += ended =>
        {
            _ending.TryRemove(ended, out _);
            Post(() => OnQuiet(pair));
        };
        endpoint.Attach(link, charge.Identity);
        return link;
    }

    /// <summary>Connections are spread over the reactors, and stay where they are.</summary>
    private Reactor NextReactor() => _reactors[_nextReactor++ % (uint)_reactors.Length];
}
