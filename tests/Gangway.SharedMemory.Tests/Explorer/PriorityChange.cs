// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Random executions that find a bug of depth d with a known probability: random priorities, lowered at d - 1 random
/// steps (probabilistic concurrency testing; Burckhardt et al., 2010).
/// </summary>
internal sealed class PriorityChange(int seed, long executions, int depth = 3, int expectedSteps = 100) : IStrategy
{
    private readonly Dictionary<int, int> _priorities = [];
    private readonly HashSet<int> _changes = [];
    private Random _random = new(seed);
    private long _done;
    private int _lowest;

    public void Begin()
    {
        _random = new Random(HashCode(seed, _done));
        _priorities.Clear();
        _changes.Clear();
        _lowest = 0;
        for (int i = 1; i < depth; i++)
            _changes.Add(_random.Next(expectedSteps));
    }

    public int Choose(ReadOnlySpan<Option> options, int step)
    {
        if (options[0].Kind == OptionKind.Flush)
            return _random.Next(options.Length);

        while (true)
        {
            int best = -1;
            for (int i = 0; i < options.Length; i++)
            {
                if (options[i].Kind != OptionKind.Run)
                {
                    if (_random.Next(options[i].Kind == OptionKind.Stop ? expectedSteps : 8) == 0)
                        return i;
                }
                else if (best < 0 || Priority(options[i].Index) > Priority(options[best].Index))
                {
                    best = i;
                }
            }

            if (best < 0)
                return _random.Next(options.Length);
            if (!_changes.Remove(step))
                return best;
            _priorities[options[best].Index] = --_lowest;
        }
    }

    public bool Next() => ++_done < executions;

    public void Restart()
    {
    }

    private int Priority(int thread)
    {
        if (!_priorities.TryGetValue(thread, out int priority))
            _priorities[thread] = priority = _random.Next(1, int.MaxValue);
        return priority;
    }

    private static int HashCode(int seed, long number) => unchecked(seed * 31 + (int)(number * 2654435761));
}
