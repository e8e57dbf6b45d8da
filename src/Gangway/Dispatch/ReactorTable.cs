// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a reactor waits for, by index and generation.</summary>
/// <remarks><b>Threads:</b> the reactor's.</remarks>
internal sealed class ReactorTable
{
    private readonly List<(object? Entry, uint Generation)> _entries = [];
    private readonly Stack<int> _free = new();

    /// <summary>Adds an entry.</summary>
    internal ReactorToken Add(object entry)
    {
        if (!_free.TryPop(out int index))
        {
            index = _entries.Count;
            _entries.Add((null, 0));
        }

        uint generation = _entries[index].Generation + 1;
        _entries[index] = (entry, generation);
        return new ReactorToken(index, generation);
    }

    /// <summary>Finds an entry; null when the token is of an earlier use.</summary>
    internal object? Find(ReactorToken token)
    {
        if ((uint)token.Index >= (uint)_entries.Count)
            return null;
        (object? entry, uint generation) = _entries[token.Index];
        return generation == (uint)(token.Value >> 32) ? entry : null;
    }

    /// <summary>Removes an entry; its index is used again with the next generation.</summary>
    internal void Remove(ReactorToken token)
    {
        if (Find(token) is null)
            return;
        _entries[token.Index] = (null, _entries[token.Index].Generation);
        _free.Push(token.Index);
    }

    /// <summary>All entries of a type, as a copy.</summary>
    internal List<T> All<T>() => _entries.Select(e => e.Entry).OfType<T>().ToList();
}
