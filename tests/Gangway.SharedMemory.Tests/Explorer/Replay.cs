// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Does one execution, the one that a schedule describes.</summary>
internal sealed class Replay(Schedule schedule) : IStrategy
{
    private int _next;

    /// <summary>Whether each decision of the schedule had its place.</summary>
    internal bool IsComplete => _next == schedule.Decisions.Count;

    public void Begin() => _next = 0;

    public int Choose(ReadOnlySpan<Option> options, int step)
    {
        if (!IsComplete && schedule.Decisions[_next].Step == step)
        {
            int index = options.IndexOf(schedule.Decisions[_next].Option);
            if (index >= 0)
            {
                _next++;
                return index;
            }
        }

        return 0;
    }

    public bool Next() => false;

    public void Restart()
    {
    }
}
