// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>A processor's store buffer: first in, first out, and visible to its own thread.</summary>
internal sealed class StoreBuffer
{
    private readonly List<PendingStore> _stores = [];

    internal int Count => _stores.Count;

    internal PendingStore Oldest => _stores[0];

    internal void Add(in PendingStore store) => _stores.Add(store);

    internal void RemoveOldest() => _stores.RemoveAt(0);

    internal void Clear() => _stores.Clear();

    /// <summary>How many of the stores are to one cell.</summary>
    internal int CountOf(Cell cell)
    {
        int count = 0;
        foreach (ref readonly PendingStore store in CollectionsMarshal.AsSpan(_stores))
            count += ReferenceEquals(store.Cell, cell) ? 1 : 0;
        return count;
    }

    /// <summary>Whether there is a store to <paramref name="cell"/> up to the last one to <paramref name="last"/>.</summary>
    internal bool HasBeforeLast(Cell cell, Cell? last)
    {
        if (last is null)
            return false;
        int end = _stores.FindLastIndex(store => ReferenceEquals(store.Cell, last));
        return end >= 0 && _stores.FindIndex(0, end + 1, store => ReferenceEquals(store.Cell, cell)) >= 0;
    }

    internal bool Exists(Predicate<PendingStore> match) => _stores.Exists(match);

    /// <summary>What the thread itself sees in a cell that holds <paramref name="value"/> in memory.</summary>
    internal ulong Forward(Cell cell, ulong value)
    {
        foreach (ref readonly PendingStore store in CollectionsMarshal.AsSpan(_stores))
        {
            if (ReferenceEquals(store.Cell, cell))
                value = (value & ~store.Mask) | store.Bits;
        }

        return value;
    }

    /// <summary>Whether another thread touches any of the cells.</summary>
    internal bool IsUsedByOthers(uint thread)
    {
        foreach (ref readonly PendingStore store in CollectionsMarshal.AsSpan(_stores))
        {
            if (store.Cell.IsUsedByOthers(thread))
                return true;
        }

        return false;
    }
}
