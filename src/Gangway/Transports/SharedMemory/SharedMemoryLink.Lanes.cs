// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

// Notifications across the connection: signalled from any thread, taken by the loop's.
internal sealed partial class SharedMemoryLink
{
    /// <summary>The lanes that the peer signals; null when it has none.</summary>
    private readonly GrantedLanes? _granted;

    /// <summary>Made when the first lane is asked for.</summary>
    private LaneWriter<ProcessMemory>? _laneWriter;

    private SegmentShape Shape => _segments.Shape;

    /// <inheritdoc/>
    internal override int LanesToSend => (Endpoint.IsAccepted ? Shape.ToClient : Shape.ToServer)?.Lanes ?? 0;

    /// <inheritdoc/>
    internal override int LanesToReceive => (Endpoint.IsAccepted ? Shape.ToServer : Shape.ToClient)?.Lanes ?? 0;

    /// <inheritdoc/>
    internal override int Grant(Notification notification, uint permitted) => _granted?.Grant(notification, permitted) ?? -1;

    /// <inheritdoc/>
    internal override void Permit(int lane, uint permitted)
    {
        if (_granted is null)
            throw new ArgumentOutOfRangeException(nameof(lane), lane, "This connection has no lanes to this side.");
        _granted.Permit(lane, permitted);
    }

    /// <inheritdoc/>
    internal override void PrepareSender()
    {
        if (Volatile.Read(ref _laneWriter) is not null)
            return;
        (LaneGeometry? geometry, int offset) = Endpoint.IsAccepted
            ? (Shape.ToClient, Shape.ToClientOffset)
            : (Shape.ToServer, SegmentShape.ToServerOffset);
        var writer = new LaneWriter<ProcessMemory>(_segments.Own, offset, _segments.Peer, offset, geometry!);

        // Two writers on the same words would each have a truth of its own: the first one stands.
        Interlocked.CompareExchange(ref _laneWriter, writer, null);
    }

    /// <inheritdoc/>
    internal override void Signal(int lane, uint bits)
    {
        // After the end it goes into pages that nobody reads.
        _laneWriter!.Signal(lane, bits);
        if (!IsEnded)
            RingIfAsleep();
    }

    private GrantedLanes? LanesToTake()
    {
        (LaneGeometry? geometry, int offset) = Endpoint.IsAccepted
            ? (Shape.ToServer, SegmentShape.ToServerOffset)
            : (Shape.ToClient, Shape.ToClientOffset);
        return geometry is null ? null : new GrantedLanes(_segments, offset, geometry);
    }
}
