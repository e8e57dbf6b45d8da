// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

// The end of a connection. The reactor's thread, once; retiring by whoever comes last.
internal sealed partial class SharedMemoryLink
{
    private int _endWaits;
    private bool _isDrained;

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
            reason = PeersReason();

        // The reason before the state, the state before the hang-up: the peer reads them in the other order.
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.ReasonOffset), (uint)WireReason(reason));
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.StateOffset), (uint)SegmentState.Closing);
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

        // Callers have their status; now what the peer published before it ended.
        if (endedByPeer)
            DrainRing();
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.StateOffset), (uint)SegmentState.Closed);
        _socket.Dispose();
        Volatile.Write(ref _isDrained, true);
        Interlocked.MemoryBarrier();
        RetireIfQuiet();
        Endpoint.OnLinkEnded(this, reason);
    }

    /// <summary>What the peer published before it ended is still handled: no more than one ring of it.</summary>
    private void DrainRing()
    {
        int records = SegmentLayout.RingBytes / SegmentLayout.LineBytes;
        while (records-- > 0 && EndReason == DisconnectReason.PeerGone && Receive(mayRunHere: false) > 0)
        {
        }
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
        _ => CloseReason.PeerGone,
    };

    /// <summary>Frees the memory when the ring is drained and no caller is between taking and leaving a slot.</summary>
    private void RetireIfQuiet()
    {
        if (Volatile.Read(ref _isDrained) && _slots.IsQuiet && Interlocked.Exchange(ref _isRetired, 1) == 0)
            _segments.Retire();
    }
}
