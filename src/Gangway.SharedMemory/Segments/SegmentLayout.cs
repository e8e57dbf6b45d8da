// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Where everything lies in a segment: sections 4 to 6 of docs/PROTOCOL.md as constants.</summary>
internal static class SegmentLayout
{
    /// <summary>The bytes <c>GANGWAY1</c>, read as a little-endian word.</summary>
    internal const ulong Magic = 0x3159_4157_474E_4147;

    /// <summary>The version of the segment, and of the protocol.</summary>
    internal const uint Version = 1;

    /// <summary>Cache line, unit of records, and distance of words that different threads write.</summary>
    internal const int LineBytes = 64;

    internal const int MagicOffset = 0;
    internal const int VersionOffset = 8;
    internal const int GeometryOffset = 12;
    internal const int HeadOffset = 64;
    internal const int DoneOffset = 72;
    internal const int StateOffset = 128;
    internal const int ReasonOffset = 132;
    internal const int SleepOffset = 192;
    internal const int CpuOffset = 196;
    internal const int WantedOffset = 200;
    internal const int ReplySetOffset = 256;
    internal const int CancelsOffset = 272;
    internal const int ReplyAckOffset = 320;
    internal const int WaitingOffset = 512;

    internal const int RingOffset = 4096;
    internal const int RingBytes = 8192;
    internal const int SlotsOffset = RingOffset + RingBytes;
    internal const int SlotCount = 64;
    internal const int SlotBytes = 256;

    /// <summary>The size of a segment without lanes, and where those of another begin.</summary>
    internal const int SegmentBytes = SlotsOffset + SlotCount * SlotBytes;

    /// <summary>Messages that may be sent and not yet completed.</summary>
    internal const int MessageCredits = 64;

    /// <summary>The largest payload of a request or message.</summary>
    internal const int InlineBytes = 512;

    /// <summary>The header of a reply, before its payload.</summary>
    internal const int ReplyHeaderBytes = 16;

    /// <summary>The largest payload of a reply.</summary>
    internal const int ReplyBytes = SlotBytes - ReplyHeaderBytes;

    /// <summary>What is the same in all segments, in the order in which a header and <c>Welcome</c> carry it; see <see cref="SegmentShape"/>.</summary>
    internal static ReadOnlySpan<uint> Geometry =>
    [
        RingOffset, RingBytes, SlotsOffset, SlotCount, SlotBytes, MessageCredits, InlineBytes,
    ];
}
