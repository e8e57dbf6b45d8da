// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The two mappings of one connection: ours, which we write, and the peer's, which we read.</summary>
internal sealed class SegmentPair : IDisposable
{
    private readonly Mapping _ownMapping;
    private readonly Mapping _peerMapping;

    /// <summary>Takes over two mappings of a shape's size.</summary>
    internal SegmentPair(SegmentShape shape, Mapping own, Mapping peer)
    {
        Shape = shape;
        _ownMapping = own;
        _peerMapping = peer;
        Own = new Segment(own, shape.Bytes);
        Peer = new Segment(peer, shape.Bytes);
    }

    /// <summary>What both look like.</summary>
    internal SegmentShape Shape { get; }

    /// <summary>The segment that this side writes.</summary>
    internal Segment Own { get; }

    /// <summary>The segment that the other side writes.</summary>
    internal Segment Peer { get; }

    /// <summary>Wakes the caller of the other side that sleeps on a reply of ours.</summary>
    internal void WakeReply(int slot) => Futex.Wake(_ownMapping, (nuint)ReplyHeader.SlotOffset(slot), 1);

    /// <summary>Sleeps until a reply of the peer appears, or the alarm changes.</summary>
    internal Errno WaitReply(int slot, ulong previous, ParkingWord alarm, uint alarmSeen, Deadline deadline) =>
        Futex.WaitAny(
            _peerMapping, (nuint)ReplyHeader.SlotOffset(slot), (uint)previous, alarm, alarmSeen, deadline.Nanoseconds);

    /// <summary>Whether this kernel lets a caller sleep on its reply and its alarm at once (futex_waitv, Linux 5.16).</summary>
    internal Errno ProbeWait()
    {
        // A value that the word does not have: where the call exists, it says EAGAIN at once.
        var alarm = new ParkingWord();
        Errno errno = WaitReply(0, previous: 1, alarm, alarm.Value, Deadline.After(TimeSpan.Zero));
        return errno == Errno.EAGAIN ? Errno.None : errno;
    }

    /// <summary>
    /// Puts private zero pages under both, at the same addresses: the memory is free, and whoever comes late reads zeros
    /// and writes into what nobody reads.
    /// </summary>
    /// <returns>False when the kernel has no mapping left to do it with: the memory then stays mapped.</returns>
    internal bool TryRetire() =>
        _ownMapping.ReplaceWithZeroPages() == Errno.None & _peerMapping.ReplaceWithZeroPages() == Errno.None;

    /// <summary>Unmaps. Only while no other thread has seen the pair: during the handshake.</summary>
    public void Dispose()
    {
        Own.Dispose();
        Peer.Dispose();
        _ownMapping.Dispose();
        _peerMapping.Dispose();
    }
}
