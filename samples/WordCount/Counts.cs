// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Samples.WordCount;

/// <summary>What <c>wc -lwc</c> counts, over text that comes in pieces.</summary>
internal sealed class Counts
{
    internal const int WireBytes = 3 * sizeof(long);

    private bool _isInWord;

    internal long Lines { get; private set; }

    internal long Words { get; private set; }

    internal long Bytes { get; private set; }

    /// <summary>Counts one more piece. A word may go on from one piece to the next.</summary>
    internal void Add(ReadOnlySpan<byte> text)
    {
        Bytes += text.Length;
        foreach (byte b in text)
        {
            if (b is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r'))
            {
                _isInWord = false;
                if (b == (byte)'\n')
                    Lines++;
            }
            else if (!_isInWord && b is > (byte)' ' and not 0x7F)
            {
                _isInWord = true;
                Words++;
            }
        }
    }

    internal void Write(Span<byte> wire)
    {
        BinaryPrimitives.WriteInt64LittleEndian(wire, Lines);
        BinaryPrimitives.WriteInt64LittleEndian(wire[8..], Words);
        BinaryPrimitives.WriteInt64LittleEndian(wire[16..], Bytes);
    }

    internal static (long Lines, long Words, long Bytes) Read(ReadOnlySpan<byte> wire) => (
        BinaryPrimitives.ReadInt64LittleEndian(wire),
        BinaryPrimitives.ReadInt64LittleEndian(wire[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(wire[16..]));
}
