// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Some words that do not move, each in a cell of its own, for small scenarios.</summary>
internal sealed class PinnedWords(int count)
{
    private readonly ulong[] _words = GC.AllocateArray<ulong>(count, pinned: true);

    internal ref ulong this[int index] => ref _words[index];

    internal void Clear() => _words.AsSpan().Clear();
}
