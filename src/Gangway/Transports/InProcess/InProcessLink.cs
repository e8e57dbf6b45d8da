// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>One side of a connection inside this process: hands frames to the other side's endpoint, on the thread that sends.</summary>
internal sealed partial class InProcessLink : Link
{
    // Design:
    //
    // There is no ring, no bell and no reader: who sends fills a delivery and takes it to the other endpoint, which runs its
    // handler there (a call that may stay: the caller's thread migrates into it) or queues it on its strand. So no thread
    // stands between the two, and nothing here ever waits for another thread in the middle of something. What each side
    // counts is its own: slots and credits are the sender's, and the receiver gives them back.
    //
    // The end: whoever is first says why (InProcessEnd); the clients' loop, which no handler of a connection can hold up,
    // marks both links ended and ends what waits. Who sends at the same time may come behind that: what it handed over is
    // handled before OnDisconnect, or refused in its turn behind it, and the sender looks at the mark when it begins to wait.

    /// <summary>One for all: how long an operation takes on a strand says nothing to a loop.</summary>
    private static readonly OperationSpeeds s_speeds = new();

    private readonly InProcessEnd _end;
    private readonly InProcessCalls _calls;
    private readonly bool _mayPoll;
    private InProcessLink _peer = null!;
    private bool _isStarted;
    private bool _isEnded;
    private long _parks;

    private InProcessLink(Endpoint endpoint, InProcessEnd end, int lanesToSend, int lanesToReceive)
    {
        Endpoint = endpoint;
        LanesToSend = lanesToSend;
        _end = end;
        _calls = new InProcessCalls(this);
        _sendPossible = new SendPossibleNotice(this);
        _granted = new GrantedNotifications(lanesToReceive);
        _mayPoll = endpoint.Options.WaitStrategy == WaitStrategy.Adaptive;
    }

    /// <summary>Connects two endpoints of this process.</summary>
    /// <returns>The client's link; starting it attaches the other one to its endpoint, too.</returns>
    internal static InProcessLink Join(Endpoint client, Endpoint server, ConnectionId id, SegmentShape shape)
    {
        var end = new InProcessEnd();
        int toServer = shape.ToServer?.Lanes ?? 0, toClient = shape.ToClient?.Lanes ?? 0;
        var link = new InProcessLink(client, end, toServer, toClient) { Id = id };
        link._peer = new InProcessLink(server, end, toClient, toServer) { Id = id, _peer = link };
        return link;
    }

    /// <inheritdoc/>
    internal override Endpoint Endpoint { get; }

    /// <inheritdoc/>
    internal override Reactor Reactor => Reactor.Clients;

    /// <inheritdoc/>
    internal override OperationSpeeds Speeds => s_speeds;

    /// <inheritdoc/>
    internal override string? FaultDetail => _end.DetailOf(this);

    /// <inheritdoc/>
    internal override EndpointStatistics Statistics => new(
        MessagesSent: Volatile.Read(ref _messagesSent),
        MessagesReceived: Volatile.Read(ref _peer._messagesSent),
        RequestsSent: _calls.Sent,
        RequestsReceived: _peer._calls.Taken,
        Rings: 0,
        Wakes: 0,
        Parks: Volatile.Read(ref _parks),
        SignalsReceived: _granted.Received,
        FalseAnnouncements: 0);

    /// <summary>Whether what waits has been ended. Who begins to wait looks at it behind a fence.</summary>
    private bool IsEnded => Volatile.Read(ref _isEnded);

    /// <inheritdoc/>
    internal override void Start()
    {
        // Each side has its OnConnect queued before the other side can send. The connecting side's is queued when its link can
        // be found, so whoever sends first there, and that may be its OnConnect, sees to the listening side's. Who finds the
        // lock taken finds it for as long as that is queued: once in the life of a connection.
        if (Endpoint.IsAccepted || Volatile.Read(ref _isStarted))
            return;
        lock (_end)
        {
            if (_isStarted)
                return;
            _peer.Endpoint.Attach(_peer, Endpoint.Peer!);
            Volatile.Write(ref _isStarted, true);
            if (_end.HasBegun)
                Reactor.Post(EndNow);
        }
    }

    /// <summary>Hands a frame to the other side. A sender that is staying may run its handler, and so be as long as that.</summary>
    private void HandOver(
        FrameKind kind, uint operation, int slot, ulong generation, ReadOnlySpan<byte> payload, Deadline deadline,
        ReadOnlySpan<ulong> chain, bool isStaying)
    {
        Start();
        ThreadRole role = ThreadRole.Current;
        Delivery delivery = role.Spare ?? Delivery.Rent();
        role.Spare = null;
        MemoryMarshal.AsBytes(chain).CopyTo(delivery.Bytes);
        int offset = chain.Length * sizeof(ulong);
        payload.CopyTo(delivery.Bytes.AsSpan(offset));
        delivery.Frame = new Frame(
            kind, operation, slot, generation, deadline, 0, (ushort)chain.Length, (ushort)offset, (ushort)payload.Length);
        delivery.Begin(_peer);

        // From here on the thread runs the other side's code: whether it may, where, and perhaps the handler.
        (ExecutionContext, bool) caller = AmbientState.BeginMigration();
        Received received = isStaying
            ? _peer.Endpoint.ReceiveHere(delivery, role)
            : _peer.Endpoint.Receive(delivery, mayRunHere: false);
        AmbientState.EndMigration(caller);
        if (received != Received.Kept)
            return;
        if (role.Spare is null)
            role.Spare = delivery;
        else
            Delivery.Return(delivery);
    }
}
