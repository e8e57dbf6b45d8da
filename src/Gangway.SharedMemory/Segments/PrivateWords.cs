// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Private words for lock-free code: each on a cache line of its own, and never moved by the collector.</summary>
/// <remarks>
/// Line spacing keeps threads from disturbing each other; the fixed address lets a test scheduler keep store buffers by
/// address. The words belong to this process: no peer sees them.
/// </remarks>
internal readonly struct PrivateWords
{
    private const int WordsPerLine = SegmentLayout.LineBytes / sizeof(ulong);

    private readonly ulong[] _words;

    /// <summary>Makes <paramref name="count"/> words, all zero.</summary>
    internal PrivateWords(int count) =>
        _words = GC.AllocateArray<ulong>((count + 1) * WordsPerLine, pinned: true);

    /// <summary>The word with a number.</summary>
    internal ref ulong this[int index] => ref _words[(index + 1) * WordsPerLine - 1];
}
