// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>A connection over two sealed segments and a socket.</summary>
internal sealed partial class SharedMemoryLink : ReactorSource
{
    // Design:
    //
    // Two segments, one writer each. Callers poll their own reply slots and never meet; senders share the ring's writing
    // side by baton; the ring's reading side, the sleep word and the end belong to the reactor. The socket carries bells
    // and the peer's death.
    //
    // The end: _isEnded is set, the waiters' private words change, and each caller takes a last look at its slot before
    // it reports; the mappings become zero pages when no caller is inside (CallSlots.IsQuiet), by whoever sees that
    // first. INVARIANT: _finalHead is written before _isEnded, and read after it.

    private readonly UnixSocket _socket;
    private readonly SegmentPair _segments;
    private readonly RecordSender<ProcessMemory> _sender;
    private readonly RingReader<ProcessMemory> _reader;
    private readonly ReplyReader<ProcessMemory> _replies;
    private readonly ReplyWriter<ProcessMemory> _replyWriter;
    private readonly CallSlots<ProcessMemory> _slots;
    private readonly Sleeper<ProcessMemory> _sleeper;
    private readonly Bell<ProcessMemory> _bell;
    private readonly SpaceWish<ProcessMemory> _wish;
    private readonly ReplyLaneReader<ProcessMemory> _replyLanes;
    private readonly ReplyLaneWriter<ProcessMemory> _replyLaneWriter;
    private readonly CancelReader<ProcessMemory> _cancels;

    /// <summary>Changes when the connection ends: callers sleep on it beside their reply.</summary>
    private readonly ParkingWord _alarm = new();

    /// <summary>Changes when room or credit may have come back, and when the connection ends.</summary>
    private readonly ParkingWord _room = new();

    private readonly bool _mayPoll;

    private bool _isEnded;
    private int _isRetired;
    private ulong _finalHead;
    private int _endReason;
    private string? _faultDetail;
    private int _publishedCpu = -1;
    private long _rings;
    private long _wakes;
    private long _parks;

    /// <summary>Takes over everything that a finished handshake made.</summary>
    internal SharedMemoryLink(
        Endpoint endpoint, Reactor reactor, UnixSocket socket, SegmentPair segments, PeerIdentity identity, PidFd process)
    {
        Endpoint = endpoint;
        Reactor = reactor;
        Identity = identity;
        PeerProcess = process;
        _socket = socket;
        _segments = segments;
        _mayPoll = endpoint.Options.WaitStrategy == WaitStrategy.Adaptive;

        _sender = new RecordSender<ProcessMemory>(segments.Own, segments.Peer);
        _reader = new RingReader<ProcessMemory>(segments.Peer, segments.Own);
        _replies = new ReplyReader<ProcessMemory>(segments.Peer, segments.Own);
        _replyWriter = new ReplyWriter<ProcessMemory>(segments.Own, segments.Peer);
        _slots = new CallSlots<ProcessMemory>(_replies);
        _sleeper = new Sleeper<ProcessMemory>(segments.Own);
        _bell = new Bell<ProcessMemory>(segments.Peer);
        _wish = new SpaceWish<ProcessMemory>(segments.Own, segments.Peer);
        _replyLanes = new ReplyLaneReader<ProcessMemory>(segments.Peer, segments.Own);
        _replyLaneWriter = new ReplyLaneWriter<ProcessMemory>(segments.Own, segments.Peer);
        _cancels = new CancelReader<ProcessMemory>(segments.Peer);
        _sendPossible = new SendPossibleNotice(this);
        _granted = LanesToTake();
    }

    /// <summary>Who the peer is.</summary>
    internal PeerIdentity Identity { get; }

    /// <inheritdoc/>
    internal override Endpoint Endpoint { get; }

    /// <inheritdoc/>
    internal override Reactor Reactor { get; }

    /// <inheritdoc/>
    internal override SafeHandle Descriptor => _socket;

    /// <inheritdoc/>
    internal override PidFd PeerProcess { get; }

    /// <inheritdoc/>
    internal override ulong PeerProcessKey => Identity.ProcessKey;

    /// <inheritdoc/>
    internal override bool MayPoll => _mayPoll;

    /// <inheritdoc/>
    internal override string? FaultDetail => Volatile.Read(ref _faultDetail);

    /// <inheritdoc/>
    internal override DisconnectReason EndReason => (DisconnectReason)Volatile.Read(ref _endReason);

    // TRUST: a hint; any value means only that we yield or poll for a moment.
    /// <inheritdoc/>
    internal override int PeerCpu => (int)Volatile.Read(ref _segments.Peer.Word32(SegmentLayout.CpuOffset)) - 1;

    /// <inheritdoc/>
    internal override EndpointStatistics Statistics => new(
        _sender.Messages,
        Volatile.Read(ref _messagesReceived),
        _sender.Requests,
        Volatile.Read(ref _requestsReceived),
        Volatile.Read(ref _rings),
        Volatile.Read(ref _wakes),
        Volatile.Read(ref _parks),
        _granted?.Received ?? 0,
        _granted?.FalseAnnouncements ?? 0);

    private bool IsEnded => Volatile.Read(ref _isEnded);

    /// <inheritdoc/>
    internal override void PublishCpu(int cpu)
    {
        if (cpu < 0 || cpu == _publishedCpu)
            return;
        _publishedCpu = cpu;
        Volatile.Write(ref _segments.Own.Word32(SegmentLayout.CpuOffset), (uint)cpu + 1);
    }

    /// <inheritdoc/>
    internal override void Fault(string detail)
    {
        // The detail first: the reactor may act on the reason at once.
        Interlocked.CompareExchange(ref _faultDetail, detail, null);
        if (Interlocked.CompareExchange(ref _endReason, (int)DisconnectReason.PeerFault, 0) != 0)
            return;
        GangwayEvents.Log.PeerFault(Endpoint.Address.ToString(), Identity.ToString(), detail);
        Reactor.Attend(this);
    }
}
