// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>Takes the private copy of a record apart.</summary>
internal static class FrameReader
{
    /// <summary>Finds the extension and the payload.</summary>
    /// <param name="header">Checked by the ring's reader.</param>
    /// <param name="record">The copy.</param>
    /// <param name="frame">The parts.</param>
    /// <returns>False when an extension or the payload breaks a bound: the peer lies.</returns>
    internal static bool TryRead(RecordHeader header, ReadOnlySpan<byte> record, out Frame frame)
    {
        frame = default;

        // TRUST: `record` is a private copy that no longer changes; each length is checked against what is there.
        Deadline deadline = Deadline.Never;
        ReadOnlySpan<byte> rest = record[RecordHeader.Bytes..header.LengthBytes];
        if ((header.Flags & RecordFlags.LargestReply) != 0 && !TrySkip(ref rest, sizeof(ulong)))
            return false;

        if ((header.Flags & RecordFlags.Deadline) != 0)
        {
            if (rest.Length < sizeof(ulong))
                return false;
            deadline = Deadline.FromWire(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            rest = rest[sizeof(ulong)..];
        }

        int chainOffset = header.LengthBytes - rest.Length + sizeof(ulong);
        int chainCount = 0;
        if ((header.Flags & RecordFlags.Chain) != 0 && !TrySkipChain(ref rest, out chainCount))
            return false;
        if ((header.Flags & RecordFlags.Trace) != 0 && !TrySkip(ref rest, TraceBytes))
            return false;
        if (rest.Length > SegmentLayout.InlineBytes)
            return false;

        frame = new Frame(
            header.Kind == RecordKind.Message ? FrameKind.Message : FrameKind.Request,
            header.Operation,
            header.Slot,
            header.Generation,
            deadline,
            (ushort)(chainCount == 0 ? 0 : chainOffset),
            (ushort)chainCount,
            (ushort)(header.LengthBytes - rest.Length),
            (ushort)rest.Length);
        return true;
    }

    private const int TraceBytes = 32;

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, int bytes)
    {
        if (rest.Length < bytes)
            return false;
        rest = rest[bytes..];
        return true;
    }

    private static bool TrySkipChain(ref ReadOnlySpan<byte> rest, out int ids)
    {
        ids = 0;
        if (rest.Length < sizeof(ulong))
            return false;
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        if (count > RecordHeader.ChainLengthMax || !TrySkip(ref rest, sizeof(ulong) * (1 + (int)count)))
            return false;
        ids = (int)count;
        return true;
    }
}
