// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>One side of a connection: what SharedMemoryLink puts together, on the explorer's memory.</summary>
internal sealed class Side
{
    internal Side(Segment own, Segment peer, int slotCount = SegmentLayout.SlotCount)
    {
        Own = own;
        Sender = new RecordSender<ExplorerMemory>(own, peer);
        Reader = new RingReader<ExplorerMemory>(peer, own);
        Replies = new ReplyReader<ExplorerMemory>(peer, own);
        ReplyWriter = new ReplyWriter<ExplorerMemory>(own, peer);
        LaneReader = new ReplyLaneReader<ExplorerMemory>(peer, own);
        LaneWriter = new ReplyLaneWriter<ExplorerMemory>(own, peer);
        Cancels = new CancelReader<ExplorerMemory>(peer);
        Slots = new CallSlots<ExplorerMemory>(Replies, slotCount);
        Sleeper = new Sleeper<ExplorerMemory>(own);
        Bell = new Bell<ExplorerMemory>(peer);
        Wish = new SpaceWish<ExplorerMemory>(own, peer);
    }

    internal Segment Own { get; }

    internal RecordSender<ExplorerMemory> Sender { get; }

    internal RingReader<ExplorerMemory> Reader { get; }

    internal ReplyReader<ExplorerMemory> Replies { get; }

    internal ReplyWriter<ExplorerMemory> ReplyWriter { get; }

    internal ReplyLaneReader<ExplorerMemory> LaneReader { get; }

    internal ReplyLaneWriter<ExplorerMemory> LaneWriter { get; }

    internal CancelReader<ExplorerMemory> Cancels { get; }

    internal CallSlots<ExplorerMemory> Slots { get; }

    internal Sleeper<ExplorerMemory> Sleeper { get; }

    internal Bell<ExplorerMemory> Bell { get; }

    internal SpaceWish<ExplorerMemory> Wish { get; }

    /// <summary>How many of the other side's messages were completed.</summary>
    internal ulong Completed { get; set; }
}
