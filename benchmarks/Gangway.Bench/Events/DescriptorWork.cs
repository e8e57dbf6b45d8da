// SPDX-License-Identifier: MIT

using Gangway.Bench.Floors.Interop;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>Makes some of many descriptors ready, waits until each was reported, and reads each.</summary>
/// <remarks>
/// All that wait for the same descriptors are registered anew for each of their rounds, and only then: what is made ready
/// would else be queued at every one of them.
/// </remarks>
internal abstract class DescriptorWork : Work
{
    private readonly int[] _active;

    /// <summary>Uses so many of them, spread evenly.</summary>
    protected DescriptorWork(EventFds descriptors, int active)
    {
        Descriptors = descriptors;
        _active = new int[active];
        for (int i = 0; i < active; i++)
        {
            // Not the first one: `poll` would find that at once.
            _active[i] = descriptors.Numbers[(int)(((2L * i) + 1) * descriptors.Numbers.Length / (2 * active))];
        }
    }

    /// <summary>All.</summary>
    protected EventFds Descriptors { get; }

    /// <inheritdoc/>
    protected override int EventsPerCycle => _active.Length;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 1 + (64 / _active.Length);

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            foreach (int number in _active)
            {
                EventFds.MakeReady(number);
            }

            WaitAndRead();
        }
    }

    /// <summary>Waits until all that were made ready have been reported, and reads them.</summary>
    protected abstract void WaitAndRead();
}
