// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The first word of a reply: which request it answers, and how it went. Bytes: docs/PROTOCOL.md, section 6.</summary>
internal static class ReplyHeader
{
    /// <summary>What a caller writes that no longer wants its reply: its reactor takes it, when it comes.</summary>
    internal const uint CancelledWaiting = (uint)ReplyWaiting.Announce | CancelBit;

    private const uint CancelBit = 4;
    private const uint HowMask = 3;

    /// <summary>Puts the word together. Its low half changes with each generation: the futex word of a parked caller.</summary>
    internal static ulong Pack(ulong generation, ushort status) =>
        generation & RecordHeader.GenerationMask | (ulong)status << 48;

    /// <summary>The generation of the request that is answered.</summary>
    internal static ulong Generation(ulong word) => word & RecordHeader.GenerationMask;

    /// <summary>The status of the reply.</summary>
    internal static ushort Status(ulong word) => (ushort)(word >> 48);

    /// <summary>Where a slot starts in its segment.</summary>
    internal static int SlotOffset(int slot) =>
        SegmentLayout.SlotsOffset + (slot & (SegmentLayout.SlotCount - 1)) * SegmentLayout.SlotBytes;

    /// <summary>Where the word lies with which a caller says how it waits.</summary>
    internal static int WaitingOffset(int slot) =>
        SegmentLayout.WaitingOffset + (slot & (SegmentLayout.SlotCount - 1)) * sizeof(uint);

    /// <summary>How a caller waits, whatever the word holds: what nobody knows is polling.</summary>
    internal static ReplyWaiting How(uint waiting) =>
        (waiting & HowMask) is var how && how <= (uint)ReplyWaiting.Announce ? (ReplyWaiting)how : ReplyWaiting.Polling;

    /// <summary>Whether the word says that the caller has cancelled.</summary>
    internal static bool IsCancelled(uint waiting) => (waiting & CancelBit) != 0;
}
