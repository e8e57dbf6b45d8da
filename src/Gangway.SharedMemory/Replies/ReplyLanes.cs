// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The words of the reply lanes: 32 toggle bits and a running count each. Bytes: docs/PROTOCOL.md, section 6.</summary>
internal static class ReplyLanes
{
    /// <summary>Slots 0 to 31, and 32 to 63.</summary>
    internal const int Words = 2;

    /// <summary>One more in the upper half, which wraps.</summary>
    internal const ulong CountOne = 1UL << 32;

    /// <summary>Which word a slot's bit is in.</summary>
    internal static int WordOf(int slot) => slot >> 5 & (Words - 1);

    /// <summary>A slot's bit in its word.</summary>
    internal static uint BitOf(int slot) => 1u << (slot & 31);

    /// <summary>Where the replier's word lies.</summary>
    internal static int SetOffset(int word) => SegmentLayout.ReplySetOffset + word * sizeof(ulong);

    /// <summary>Where the caller's word lies.</summary>
    internal static int AckOffset(int word) => SegmentLayout.ReplyAckOffset + word * sizeof(ulong);
}
