// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>One thread signals each of many sources once, and waits until other threads have handled all of them.</summary>
internal abstract class PassWork(int sources) : Work
{
    private readonly SemaphoreSlim _isPassed = new(0);
    private int _left;

    /// <inheritdoc/>
    protected override int EventsPerCycle => sources;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 1;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _isPassed.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            Volatile.Write(ref _left, sources);
            for (int source = 0; source < sources; source++)
            {
                Signal(source);
            }

            if (!_isPassed.Wait(TimeSpan.FromSeconds(30)))
            {
                throw new BenchmarkException($"{GetType().Name}: {Volatile.Read(ref _left)} of {sources} events did not arrive.");
            }
        }
    }

    /// <summary>Signals one.</summary>
    protected abstract void Signal(int source);

    /// <summary>One was handled. Any thread.</summary>
    protected void OnHandled()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _isPassed.Release();
        }
    }
}
