// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.SharedMemory;

/// <summary>The 16 bytes that every record starts with. Bytes: section 5 of docs/PROTOCOL.md.</summary>
internal readonly record struct RecordHeader
{
    internal const int Bytes = 16;
    internal const int ExtensionBytesMax = 8 + 8 + 8 * (1 + ChainLengthMax) + 32;
    internal const int ChainLengthMax = 16;
    internal const int RecordBytesMax = Bytes + ExtensionBytesMax + SegmentLayout.InlineBytes;

    /// <summary>The first word of a pad; the rest of it is never read.</summary>
    internal const ulong PadWord = Bytes | (ulong)RecordKind.Pad << 16;

    /// <summary>Generations have 48 bits; at a million calls a second on one slot that lasts nine years.</summary>
    internal const ulong GenerationMask = (1UL << 48) - 1;

    /// <summary>Takes the two words apart.</summary>
    internal RecordHeader(ulong first, ulong second)
    {
        First = first;
        Second = second;
    }

    /// <summary>Puts the two words together.</summary>
    internal RecordHeader(
        RecordKind kind, RecordFlags flags, int lengthBytes, uint operation, int slot = 0, ulong generation = 0)
    {
        Debug.Assert(lengthBytes is >= Bytes and <= RecordBytesMax);
        Debug.Assert(generation <= GenerationMask);
        First = (uint)lengthBytes | (ulong)kind << 16 | (ulong)flags << 24 | (ulong)operation << 32;
        Second = (ushort)slot | generation << 16;
    }

    /// <summary>The word that publishes the record: length, kind, flags, operation.</summary>
    internal ulong First { get; }

    /// <summary>Slot and generation.</summary>
    internal ulong Second { get; }

    /// <summary>Header, extension and payload, without the padding to the next line.</summary>
    internal int LengthBytes => (ushort)First;

    /// <summary>What the record is; any byte if a peer wrote it.</summary>
    internal RecordKind Kind => (RecordKind)(byte)(First >> 16);

    /// <summary>Which extensions it has; any byte if a peer wrote it.</summary>
    internal RecordFlags Flags => (RecordFlags)(byte)(First >> 24);

    /// <summary>The operation of a message or request.</summary>
    internal uint Operation => (uint)(First >> 32);

    /// <summary>The reply slot of a request.</summary>
    internal int Slot => (ushort)Second;

    /// <summary>The generation of a request.</summary>
    internal ulong Generation => Second >> 16;

    /// <summary>What a record of a length occupies: whole lines.</summary>
    internal static int OccupiedBytes(int lengthBytes) =>
        (lengthBytes + SegmentLayout.LineBytes - 1) & -SegmentLayout.LineBytes;
}
