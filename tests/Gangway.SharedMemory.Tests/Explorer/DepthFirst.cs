// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Goes through all choices, the last one first, until there is none left.</summary>
internal sealed class DepthFirst : IStrategy
{
    private readonly List<(int Choice, int Count)> _path = [];
    private int _depth;

    public void Begin() => _depth = 0;

    public int Choose(ReadOnlySpan<Option> options, int step)
    {
        if (_depth == _path.Count)
            _path.Add((0, options.Length));
        (int choice, int count) = _path[_depth++];
        if (count != options.Length)
        {
            throw new InvalidOperationException(
                $"The code is not deterministic: {options.Length} options before step {step}, {count} the last time.");
        }

        return choice;
    }

    public bool Next()
    {
        while (_path.Count > 0)
        {
            (int choice, int count) = _path[^1];
            if (choice + 1 < count)
            {
                _path[^1] = (choice + 1, count);
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    public void Restart() => _path.Clear();
}
