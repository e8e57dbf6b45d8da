// SPDX-License-Identifier: MIT

using System.Text;

namespace Gangway.SharedMemory.Tests;

/// <summary>A small random program. The first thread may die, the last may block for an event of a thread before it.</summary>
internal sealed class RandomProgram
{
    internal const int Words = 3;

    internal RandomProgram(Random random, bool mayDie)
    {
        int threads = random.Next(2, 4);
        int stepsMax = threads == 2 ? 5 : 3;
        Threads = new ProgramStep[threads][];
        for (int i = 0; i < threads; i++)
        {
            Threads[i] = new ProgramStep[random.Next(1, stepsMax + 1)];
            for (int j = 0; j < Threads[i].Length; j++)
                Threads[i][j] = new ProgramStep(Kind(random, mayDie), random.Next(Words), random.Next(1, 3));
        }

        // Only if somebody who cannot die is sure to count an event: a deadlock would end the exploration.
        int signaller = random.Next(mayDie ? 1 : 0, threads);
        if (signaller < threads - 1 && random.Next(2) == 0)
        {
            Threads[signaller][^1] = new ProgramStep(StepKind.Signal, 0, 0);
            Threads[^1][random.Next(Threads[^1].Length)] = new ProgramStep(StepKind.Await, 0, 0);
        }
    }

    internal ProgramStep[][] Threads { get; }

    public override string ToString()
    {
        StringBuilder text = new();
        foreach (ProgramStep[] thread in Threads)
            text.Append(string.Join(' ', thread)).Append(" | ");
        return text.ToString();
    }

    private static StepKind Kind(Random random, bool mayDie) => random.Next(mayDie ? 14 : 12) switch
    {
        < 4 => StepKind.Store,
        < 8 => StepKind.Load,
        8 => StepKind.Fence,
        9 => StepKind.Swap,
        10 => StepKind.Signal,
        11 => StepKind.Count,
        _ => StepKind.IsDead,
    };
}
