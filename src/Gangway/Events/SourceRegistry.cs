// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The sources that are bound to a port: by number, for the inbox, and by key, to cancel.</summary>
/// <remarks>
/// <b>Threads:</b> any, under its lock, which nobody holds while it waits; <see cref="Find"/> by the baton's holder without it.
/// <b>Cost:</b> O(1), whatever is bound.
/// </remarks>
internal sealed class SourceRegistry
{
    // Design:
    //
    // Numbers are places in chunks that never move. A number is given back when its node can come out of the inbox no more:
    // by who ends the binding if it was not linked, else by the port when it comes by it (SourceWord.Close decides).

    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;
    private const int ChunksMax = 1 << 14;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, SourceNode> _byKey = [];
    private readonly Stack<int> _free = [];
    private SourceNode?[]?[] _chunks = new SourceNode?[]?[16];
    private int _next = 1;
    private bool _isClosed;

    /// <summary>How many are bound.</summary>
    internal int Count { get; private set; }

    /// <summary>The node with a number that is linked.</summary>
    internal SourceNode Find(ulong number) =>
        Volatile.Read(ref Volatile.Read(ref _chunks)[number >> ChunkBits]![number & (ChunkSize - 1)])!;

    /// <summary>The node with a number, if there is one now.</summary>
    internal SourceNode? TryFind(int number)
    {
        SourceNode?[]?[] chunks = Volatile.Read(ref _chunks);
        int chunk = number >> ChunkBits;
        return chunk < chunks.Length && chunks[chunk] is { } nodes ? Volatile.Read(ref nodes[number & (ChunkSize - 1)]) : null;
    }

    /// <summary>Gives a node its number.</summary>
    /// <returns>False when the port is closed.</returns>
    /// <exception cref="InvalidOperationException">There are 2^24 sources already.</exception>
    internal bool TryAdd(SourceNode node)
    {
        lock (_lock)
        {
            if (!TryNumber(node))
                return false;
            if (_byKey.TryGetValue(node.Key, out SourceNode? first))
            {
                node.NextOfKey = first;
                first.PreviousOfKey = node;
            }

            _byKey[node.Key] = node;
            Count++;
            return true;
        }
    }

    /// <summary>Gives a node a number, and no place by key: one that the port keeps for itself.</summary>
    internal bool TryNumber(SourceNode node)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            int number = _free.TryPop(out int free) ? free : _next++;
            int chunk = number >> ChunkBits;
            if (chunk >= ChunksMax)
                throw new InvalidOperationException($"A port takes {ChunksMax << ChunkBits} sources. Unbind some, or make another port.");
            if (chunk >= _chunks.Length)
            {
                SourceNode?[]?[] more = new SourceNode?[]?[2 * _chunks.Length];
                _chunks.CopyTo(more, 0);
                Volatile.Write(ref _chunks, more);
            }

            node.Number = number;
            (_chunks[chunk] ??= new SourceNode?[ChunkSize])[number & (ChunkSize - 1)] = node;
            return true;
        }
    }

    /// <summary>The node's binding has ended.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isLinked">Whether the port comes by it once more, and calls <see cref="Free"/> then.</param>
    internal void Remove(SourceNode node, bool isLinked)
    {
        lock (_lock)
        {
            if (node.NextOfKey is { } next)
                next.PreviousOfKey = node.PreviousOfKey;
            if (node.PreviousOfKey is { } previous)
                previous.NextOfKey = node.NextOfKey;
            else if (node.NextOfKey is { } first)
                _byKey[node.Key] = first;
            else
                _byKey.Remove(node.Key);
            node.NextOfKey = node.PreviousOfKey = null;
            Count--;
            if (!isLinked)
                Free(node);
        }
    }

    /// <summary>The node comes out of the inbox no more.</summary>
    internal void Free(SourceNode node)
    {
        lock (_lock)
        {
            _chunks[node.Number >> ChunkBits]![node.Number & (ChunkSize - 1)] = null;
            _free.Push(node.Number);
        }
    }

    /// <summary>One of those with a key; null when there is none.</summary>
    internal SourceNode? OfKey(ulong key)
    {
        lock (_lock)
            return _byKey.GetValueOrDefault(key);
    }

    /// <summary>Takes no more, and gives all that are bound, as a copy.</summary>
    internal SourceNode[] Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            var all = new List<SourceNode>(Count);
            foreach (SourceNode first in _byKey.Values)
            {
                for (SourceNode? node = first; node is not null; node = node.NextOfKey)
                    all.Add(node);
            }

            return [.. all];
        }
    }
}
