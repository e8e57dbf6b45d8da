// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors;

/// <summary>The ring of the stream floor: slots with the sequence word inside, and the reader's head apart.</summary>
/// <remarks>
/// A slot is 128 bytes: 8 of sequence, 64 of payload, the rest is padding to whole lines. That is the
/// room a message of 64 bytes needs in a connection's ring too (16 of header, 64 of payload).
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SlotsOffset)]
internal struct StreamRing
{
    /// <summary>Where the slots begin, on lines that neither head nor fetch-ahead of it touches.</summary>
    public const int SlotsOffset = 512;

    /// <summary>How many slots; a power of two.</summary>
    public const uint Slots = 64;

    /// <summary>How many messages the reader has taken. Written by the reader only.</summary>
    [FieldOffset(128)]
    public ulong Head;

    /// <summary>One message.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct Slot
    {
        /// <summary>One more than the index of the message that is here. Written last, by the writer only.</summary>
        public ulong Sequence;

        /// <summary>64 bytes.</summary>
        public Payload Bytes;
    }

    /// <summary>64 bytes as one value.</summary>
    [InlineArray(8)]
    public struct Payload
    {
        private ulong _word;
    }
}
