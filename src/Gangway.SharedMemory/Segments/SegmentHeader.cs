// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The constants at the start of a segment: written once by its writer, checked once by its reader.</summary>
internal static class SegmentHeader
{
    /// <summary>Writes the constants and opens the segment.</summary>
    internal static void Write(Segment own, SegmentShape shape)
    {
        own.Word64(SegmentLayout.MagicOffset) = SegmentLayout.Magic;
        own.Word32(SegmentLayout.VersionOffset) = SegmentLayout.Version;
        Span<uint> geometry = stackalloc uint[SegmentShape.GeometryWords];
        shape.CopyTo(geometry);
        for (int i = 0; i < geometry.Length; i++)
            own.Word32(SegmentLayout.GeometryOffset + i * sizeof(uint)) = geometry[i];
        Volatile.Write(ref own.Word32(SegmentLayout.StateOffset), (uint)SegmentState.Open);
    }

    /// <summary>Whether the peer's segment was opened and says what version 1 of the protocol, and this shape, say.</summary>
    internal static bool IsGood(Segment peer, SegmentShape shape)
    {
        // TRUST: every word is read once and compared with a constant; none is used afterwards.
        // A peer that has closed again already is an honest one: what it sent in between is in its ring.
        var state = (SegmentState)Volatile.Read(ref peer.Word32(SegmentLayout.StateOffset));
        bool good = state is (SegmentState.Open or SegmentState.Closing or SegmentState.Closed)
            && Volatile.Read(ref peer.Word64(SegmentLayout.MagicOffset)) == SegmentLayout.Magic
            && Volatile.Read(ref peer.Word32(SegmentLayout.VersionOffset)) == SegmentLayout.Version;
        Span<uint> geometry = stackalloc uint[SegmentShape.GeometryWords];
        shape.CopyTo(geometry);
        for (int i = 0; i < geometry.Length; i++)
            good &= Volatile.Read(ref peer.Word32(SegmentLayout.GeometryOffset + i * sizeof(uint))) == geometry[i];
        return good;
    }
}
