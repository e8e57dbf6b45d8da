// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

// The end of a connection. The reactor's thread, once; retiring by whoever comes last.
internal sealed partial class SharedMemoryLink
{
    /// <summary>More than a socket can hold: a peer that sends on does not keep us.</summary>
    private const int LastPacketsMax = 1024;

    private int _endWaits;
    private bool _isDrained;
    private bool _hasPeerUnmapped;

    /// <summary>
    /// Whether the listener waits for the peer's last word itself, when this side ends the connection: then the socket is left
    /// open to it.
    /// </summary>
    internal bool LeavesSocket { get; init; }

    /// <summary>The socket that was left open; null while connected, and when it was closed.</summary>
    internal UnixSocket? LeftSocket { get; private set; }

    /// <summary>Whether the peer said, as its last word, that it has neither segment any more. On the reactor's thread.</summary>
    internal bool HasPeerUnmapped => _hasPeerUnmapped;

    /// <inheritdoc/>
    internal override bool IsReadyToEnd(DisconnectReason reason)
    {
        // The first reason stands: what comes after a fault is its consequence. From here on nothing more is sent.
        Interlocked.CompareExchange(ref _endReason, (int)reason, 0);
        if (EndReason is not (DisconnectReason.Closed or DisconnectReason.ListenerClosed))
            return true;

        // What was sent before is still written. A sender in the middle of writing does it for us, and says when.
        Volatile.Write(ref _endWaits, 1);
        if (Interlocked.Exchange(ref _handOver, 0) != 0)
        {
            // The baton is ours already: a sender gave it to this thread.
            while (_sender.Continue() == RecordSend.HandToReactor)
            {
            }
        }

        return _sender.TryFlush();
    }

    /// <inheritdoc/>
    internal override void End(DisconnectReason reason)
    {
        Interlocked.CompareExchange(ref _endReason, (int)reason, 0);
        reason = EndReason;

        bool endedByPeer = reason == DisconnectReason.PeerGone;
        if (endedByPeer)
        {
            reason = PeersReason();
            TakeLastPackets();
        }

        // The side that was given the memory says when it has none of it any more, as its last word: its hang-up waits for
        // the zero pages (RetireIfQuiet). The other side, where it is the first to end, waits for that word.
        bool hangsUpNow = Endpoint.IsAccepted;
        LeftSocket = LeavesSocket && !endedByPeer && reason != DisconnectReason.PeerFault ? _socket : null;

        // The reason before the state, the state before the hang-up: the peer reads them in the other order.
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.ReasonOffset), (uint)WireReason(reason));
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.StateOffset), (uint)SegmentState.Closing);
        if (LeftSocket is not null)
            _socket.ShutdownSending();
        else if (hangsUpNow)
            _socket.Shutdown();

        // Where the peer has stopped taking, its head decides. Where we end it, the peer may still take what it finds.
        _finalHead = endedByPeer ? FinalHead() : ulong.MaxValue;
        Volatile.Write(ref _isEnded, true);
        Interlocked.MemoryBarrier();
        _alarm.Bump();
        _alarm.Wake(int.MaxValue);
        WakeBlocked();
        WakeSlotWaiters(int.MaxValue);
        EndAwaited();
        if (Volatile.Read(ref _meter) is { } meter)
            Reactor.Wakes.Remove(meter);

        // Callers have their status; now what the peer published before it ended.
        if (endedByPeer && !TryDrainRing())
        {
            reason = DisconnectReason.PeerFault;
            GangwayEvents.Log.PeerFault(Endpoint.Address.ToString(), Identity.ToString(), FaultDetail!);
        }

        _granted?.End(isTrusted: reason != DisconnectReason.PeerFault);
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.StateOffset), (uint)SegmentState.Closed);
        if (hangsUpNow && LeftSocket is null)
            _socket.Dispose();
        Volatile.Write(ref _isDrained, true);
        Interlocked.MemoryBarrier();
        RetireIfQuiet();
        Endpoint.OnLinkEnded(this, reason);
    }

    /// <summary>What the peer sent before it hung up: bells, and perhaps that it has unmapped.</summary>
    private void TakeLastPackets()
    {
        if (!Endpoint.IsAccepted)
            return;
        Span<byte> packet = stackalloc byte[HandshakePacket.HeaderBytes];
        bool wasReset = false;
        for (int i = 0; i < LastPacketsMax; i++)
        {
            Errno errno = _socket.Receive(packet, out int count);
            if (errno == Errno.None && count == 0)
                return;
            if (errno == Errno.None)
                TryTakeUnmapped(packet[..count]);
            else if (errno == Errno.ECONNRESET && !wasReset)
                wasReset = true; // It left something of ours unread; what it said before is still to be had.
            else if (errno != Errno.EMSGSIZE)
                return;
        }
    }

    /// <summary>Notes a client's last word.</summary>
    private bool TryTakeUnmapped(ReadOnlySpan<byte> packet)
    {
        // TRUST: a private copy, compared with what it must be. It is allowed once, and to the side that has the memory only.
        if (!Endpoint.IsAccepted || _hasPeerUnmapped || !HandshakePacket.IsPlain(packet, PacketType.Unmapped))
            return false;
        _hasPeerUnmapped = true;
        return true;
    }

    /// <summary>What the peer published before it ended is still handled: no more than one ring of it.</summary>
    /// <returns>False when the peer's fault was found in it: leaving at once is no way to do it unseen.</returns>
    private bool TryDrainRing()
    {
        int records = SegmentLayout.RingBytes / SegmentLayout.LineBytes;
        while (records-- > 0 && FaultDetail is null && Receive(mayRunHere: false) > 0)
        {
        }

        return FaultDetail is null;
    }

    private ulong FinalHead() =>
        // TRUST: range-checked; after a lie nothing is known, and every call may have run.
        _sender.Window.TryRefresh() ? _sender.Window.Head : ulong.MaxValue;

    /// <summary>A peer that closed says why in its segment; one that died says nothing.</summary>
    private DisconnectReason PeersReason()
    {
        // TRUST: two copies, compared with constants; a lie changes what a person reads.
        if (Volatile.Read(ref _segments.Peer.Word32(SegmentLayout.StateOffset)) < (uint)SegmentState.Closing)
            return DisconnectReason.PeerGone;
        return (CloseReason)Volatile.Read(ref _segments.Peer.Word32(SegmentLayout.ReasonOffset)) switch
        {
            CloseReason.Closed => DisconnectReason.Closed,
            CloseReason.ListenerClosed => DisconnectReason.ListenerClosed,
            CloseReason.Revoked => DisconnectReason.Revoked,
            CloseReason.PeerFault or CloseReason.LocalFault => DisconnectReason.ClosedByPeerFault,
            _ => DisconnectReason.PeerGone,
        };
    }

    private static CloseReason WireReason(DisconnectReason reason) => reason switch
    {
        DisconnectReason.Closed => CloseReason.Closed,
        DisconnectReason.PeerFault => CloseReason.PeerFault,
        DisconnectReason.ListenerClosed => CloseReason.ListenerClosed,
        DisconnectReason.LocalFault => CloseReason.LocalFault,
        DisconnectReason.Revoked => CloseReason.Revoked,
        _ => CloseReason.PeerGone,
    };

    /// <summary>
    /// Frees the memory when the ring is drained and no caller is between taking and leaving a slot; then says so, and hangs
    /// up, where that was not done before.
    /// </summary>
    private void RetireIfQuiet()
    {
        if (!Volatile.Read(ref _isDrained) || !_slots.IsQuiet || Interlocked.Exchange(ref _isRetired, 1) != 0)
            return;
        bool isUnmapped = _segments.TryRetire();
        if (Endpoint.IsAccepted)
            return;
        if (isUnmapped)
            _ = _socket.Send(HandshakePacket.Plain(PacketType.Unmapped));
        _socket.Shutdown();
        _socket.Dispose();
    }
}
