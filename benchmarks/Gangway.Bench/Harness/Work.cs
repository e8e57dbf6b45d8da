// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Bench.Harness;

/// <summary>Something that this process does over and over, to be timed by the round.</summary>
internal abstract class Work : IDisposable
{
    // The first tier's code counts to 30 and is then compiled in the background, and the tier after it once more.
    private const int WarmUpRounds = 8;

    /// <summary>Events in one cycle.</summary>
    protected abstract int EventsPerCycle { get; }

    /// <summary>Cycles between two readings of the clock: together long beside a reading, and short beside a round.</summary>
    protected abstract int CyclesPerLook { get; }

    /// <summary>One round; events and time.</summary>
    public virtual Measurement Run(TimeSpan duration)
    {
        BeginRound();
        try
        {
            // What comes after a pause is slower than what it goes on with.
            Do(CyclesPerLook);
            int collections = GC.CollectionCount(0);
            long cycles = 0;
            long start = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            do
            {
                Do(CyclesPerLook);
                cycles += CyclesPerLook;
                elapsed = Stopwatch.GetElapsedTime(start);
            }
            while (elapsed < duration && !IsAtLimit(cycles));

            if (GC.CollectionCount(0) != collections)
            {
                Progress.Say($"WARNING: the heap was collected in a round of {GetType().Name}");
            }

            return Measurement.OfThroughput(cycles * EventsPerCycle, elapsed);
        }
        finally
        {
            EndRound();
        }
    }

    /// <summary>Several short rounds, with pauses in which the run-time compiles.</summary>
    public void WarmUp(TimeSpan duration)
    {
        for (int i = 0; i < WarmUpRounds; i++)
        {
            Run(duration / (2 * WarmUpRounds));
            Thread.Sleep(duration / (2 * WarmUpRounds));
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>So many cycles.</summary>
    protected abstract void Do(int cycles);

    /// <summary>Before a round; not timed.</summary>
    protected virtual void BeginRound()
    {
    }

    /// <summary>After a round; not timed.</summary>
    protected virtual void EndRound()
    {
    }

    /// <summary>Whether the round ends before its time.</summary>
    protected virtual bool IsAtLimit(long cycles) => false;
}
