// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The first word of a reply: which request it answers, and how it went. Bytes: docs/PROTOCOL.md, section 6.</summary>
internal static class ReplyHeader
{
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
}
