// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The ordered steps of the protocol. Each is argued in <c>docs/memory-ordering/</c>.</summary>
internal enum Order : byte
{
    /// <summary>Record payload, written before the record is published. Document: ring.md.</summary>
    RingPayload,

    /// <summary>The zero that is written where the next record will start. Document: ring.md.</summary>
    RingZeroAhead,

    /// <summary>A record's first word: release by the writer, acquire by the reader. Document: ring.md.</summary>
    RingPublish,

    /// <summary>The reader's head: release after the copy, acquire before the space is used again. Document: ring.md.</summary>
    RingHead,

    /// <summary>How many messages the receiver has completed. Document: ring.md.</summary>
    RingDone,

    /// <summary>The word that says that a sender waits for space. Document: space.md.</summary>
    SpaceWanted,

    /// <summary>Full fence of a sender between its wish for space and its last look. Document: space.md.</summary>
    SpaceWantedFence,

    /// <summary>Full fence of a reader between publishing its head and reading the wish. Document: space.md.</summary>
    SpaceHeadFence,

    /// <summary>Full fence between a withdrawn wish and the look at who else waits. Document: space.md.</summary>
    SpaceWithdrawFence,

    /// <summary>The last look of a sender at the head before it sleeps. Document: space.md.</summary>
    SpaceRecheck,

    /// <summary>The word with which a reader says that it sleeps. Document: park.md.</summary>
    SleepAnnounce,

    /// <summary>Full fence of a reader between announcing sleep and its last look. Document: park.md.</summary>
    SleepFence,

    /// <summary>The last look of a reader before it sleeps. Document: park.md.</summary>
    SleepRecheck,

    /// <summary>Full fence of a writer between publishing and reading the sleep word. Document: park.md.</summary>
    BellFence,

    /// <summary>The writer's look at the sleep word. Document: park.md.</summary>
    BellLook,

    /// <summary>The writer's private note that it rang this sleep. Document: park.md.</summary>
    BellRung,

    /// <summary>Reply payload, written before the reply is published. Document: reply-slot.md.</summary>
    ReplyPayload,

    /// <summary>A reply's first word: release by the replier, acquire by the caller. Document: reply-slot.md.</summary>
    ReplyPublish,

    /// <summary>The caller's word that says how it waits. Document: reply-slot.md.</summary>
    ReplyWaiting,

    /// <summary>Full fence of a caller between announcing that it parks and its last look. Document: reply-slot.md.</summary>
    ReplyParkFence,

    /// <summary>The last look of a caller at its slot before it parks. Document: reply-slot.md.</summary>
    ReplyRecheck,

    /// <summary>Full fence of a replier between publishing and reading the caller's word. Document: reply-slot.md.</summary>
    ReplyWakeFence,

    /// <summary>A handler's note of replies whose news it leaves to the loop: release by its thread, acquire by who takes the loop. Document: reply-lanes.md.</summary>
    ReplyKept,

    /// <summary>The private truth behind a word that several threads announce. Document: reply-lanes.md.</summary>
    AnnouncedTruth,

    /// <summary>The shared copy of that truth: read, and swapped if nobody else did. Document: reply-lanes.md.</summary>
    AnnouncedCopy,

    /// <summary>The second try, of one whom another was faster than. Document: reply-lanes.md.</summary>
    AnnouncedAgain,

    /// <summary>The caller's look at a lane word. Document: reply-lanes.md.</summary>
    ReplyLaneSet,

    /// <summary>What the caller has taken of a lane word. Document: reply-lanes.md.</summary>
    ReplyLaneAck,

    /// <summary>Full fence of a caller between acknowledging and looking at the slots. Document: reply-lanes.md.</summary>
    ReplyLaneFence,

    /// <summary>Full fence of a sender between what a signal tells of and its look at what was acknowledged. Document: lanes.md.</summary>
    LaneSignalFence,

    /// <summary>A sender's look whether the segment shows what its side changed. Document: lanes.md.</summary>
    LaneShown,

    /// <summary>The receiver's look at a lane. Document: lanes.md.</summary>
    LaneSet,

    /// <summary>What the receiver has taken of a lane. Document: lanes.md.</summary>
    LaneAck,

    /// <summary>Full fence of a receiver between acknowledging lanes and delivering them. Document: lanes.md.</summary>
    LaneDeliverFence,

    /// <summary>The receiver's look at a parent of lanes, or of parents. Document: lanes.md.</summary>
    LaneParentSet,

    /// <summary>What the receiver has taken of a parent. Document: lanes.md.</summary>
    LaneParentAck,

    /// <summary>Full fence of a receiver between acknowledging a parent and reading its children. Document: lanes.md.</summary>
    LaneParentFence,

    /// <summary>How many requests were cancelled, counted behind the bit in the slot's word. Document: reply-lanes.md.</summary>
    CancelCount,

    /// <summary>Taking, giving up and reclaiming of a slot on the caller's private table. Document: reply-slot.md.</summary>
    SlotState,

    /// <summary>Admission: credit and bytes taken from the private counters. Document: baton.md.</summary>
    Admission,

    /// <summary>Taking the free baton, and keeping it where somebody wanted it. Document: baton.md.</summary>
    BatonTake,

    /// <summary>Marking the baton wanted by one who found it held. Document: baton.md.</summary>
    BatonWant,

    /// <summary>Letting the baton go: full fence and compare-and-swap. Document: baton.md.</summary>
    BatonRelease,

    /// <summary>A record put into, or taken from, the outbox. Document: baton.md.</summary>
    Outbox,

    /// <summary>The mark of a refused sender that is owed a notice. Document: send-possible.md.</summary>
    SendBlocked,

    /// <summary>Taking that mark back: who does posts the notice. Document: send-possible.md.</summary>
    SendUnblocked,

    /// <summary>The loop's thread says that a handler starts. Document: takeover.md.</summary>
    TakeoverEnter,

    /// <summary>The loop's thread says that the handler has returned. Document: takeover.md.</summary>
    TakeoverLeave,

    /// <summary>Another thread takes the loop. Document: takeover.md.</summary>
    TakeoverTake,

    /// <summary>Full fence of all threads between taking the loop from another one and looking at what that left. Document: takeover.md.</summary>
    TakeoverFence,

    /// <summary>A port's poller takes the loop that is at home, or calls it. Document: takeover.md.</summary>
    HomeEnter,

    /// <summary>The poller's turn is over: the loop is at home again, or goes away. Document: takeover.md.</summary>
    HomeLeave,

    /// <summary>Somebody needs the loop, or does no more. Document: takeover.md.</summary>
    HomeNeed,

    /// <summary>A loop that was taken from a poller's handler is away. Document: takeover.md.</summary>
    HomeTaken,

    /// <summary>Who stands in gives the loop back. Document: takeover.md.</summary>
    HomeReturn,

    /// <summary>A signal: what is pending, and who links. Document: port.md.</summary>
    SourceSignal,

    /// <summary>What is pending is taken, and the node may be linked again. Document: port.md.</summary>
    SourceTake,

    /// <summary>A source is masked, unmasked or closed. Document: port.md.</summary>
    SourceMask,

    /// <summary>A node is linked into a port's inbox. Document: port.md.</summary>
    PortLink,

    /// <summary>The inbox is taken whole. Document: port.md.</summary>
    PortTake,

    /// <summary>The word with which a port's poller says that it sleeps. Document: port.md.</summary>
    PortSleep,

    /// <summary>Full fence of a poller between announcing sleep and its last look. Document: port.md.</summary>
    PortSleepFence,

    /// <summary>A linker's look whether the poller sleeps. Document: port.md.</summary>
    PortSleepLook,

    /// <summary>A poller's look at the inbox. Document: port.md.</summary>
    PortRecheck,

    /// <summary>The word that says that a port's queues hold something, or soon will. Document: readiness.md.</summary>
    PortQueued,

    /// <summary>A port's baton is taken, or let go. Document: readiness.md.</summary>
    PortBaton,

    /// <summary>The mark of one for whom the baton was not free. Document: readiness.md.</summary>
    PortMissed,
}
