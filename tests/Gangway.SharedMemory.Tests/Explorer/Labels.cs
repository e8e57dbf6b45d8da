// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Names of pieces of memory, for traces.</summary>
internal sealed class Labels
{
    private readonly List<(nuint Start, nuint Bytes, Func<int, string> Name)> _pieces = [];

    internal void Add(nuint start, int bytes, Func<int, string> name) => _pieces.Add((start, (nuint)bytes, name));

    internal string Of(nuint address)
    {
        foreach ((nuint start, nuint bytes, Func<int, string> name) in _pieces)
        {
            if (address - start < bytes)
                return name((int)(address - start));
        }

        return "unnamed";
    }
}
