// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.SharedMemory.Tests;

/// <summary>How to explore a scenario.</summary>
internal sealed record Exploration
{
    /// <summary>How often an execution may switch away from a thread that could go on.</summary>
    internal int Preemptions { get; init; } = 2;

    /// <summary>How many processes an execution may kill.</summary>
    internal int Kills { get; init; }

    /// <summary>How many waits an execution may end before their time by a time-out or for no reason, at a switch.</summary>
    internal int NeedlessWakes { get; init; }

    internal MemoryModel Model { get; init; } = MemoryModel.TotalStoreOrder;

    internal Mutant? Mutant { get; init; }

    /// <summary>Offers switches before all steps, and repetitions too. To check the reduction, and for replays.</summary>
    internal bool IsUnreduced { get; init; }

    internal long ExecutionsMax { get; init; } = 5_000_000;

    /// <summary>An execution with more steps than this is taken for a livelock.</summary>
    internal int StepsMax { get; init; } = 5_000;

    /// <summary>All executions within the bounds, until one fails.</summary>
    internal ExplorationResult Exhaust(Scenario scenario) => Run(scenario, new DepthFirst(), new Cells());

    /// <summary>The same with 0, 1, 2, ... preemptions: finds a failure that needs few of them early.</summary>
    internal ExplorationResult Hunt(Scenario scenario)
    {
        Cells cells = new();
        ExplorationResult? result = null;
        for (int preemptions = 0; preemptions <= Preemptions; preemptions++)
        {
            ExplorationResult one = (this with { Preemptions = preemptions }).Run(scenario, new DepthFirst(), cells);
            result = result is null ? one : one.Behind(result);
            if (result.Failure is not null)
                break;
        }

        return result!;
    }

    /// <summary>Some random executions, without a bound on preemptions.</summary>
    internal ExplorationResult Sample(Scenario scenario, int seed, long executions) =>
        (this with { IsUnreduced = true, Preemptions = int.MaxValue })
            .Run(scenario, new PriorityChange(seed, executions), new Cells());

    /// <summary>The one execution that a schedule describes, with its trace.</summary>
    internal ExplorationResult Replay(Scenario scenario, Schedule schedule)
    {
        Exploration settings = ForReplay();
        Replay replay = new(schedule);
        ExplorationResult result = settings.Run(scenario, replay, new Cells());
        return replay.IsComplete ? result : throw new InvalidOperationException($"The schedule '{schedule}' does not fit.");
    }

    private Exploration ForReplay() => this with { IsUnreduced = true, Preemptions = int.MaxValue };

    private ExplorationResult Run(Scenario scenario, IStrategy strategy, Cells cells)
    {
        long start = Stopwatch.GetTimestamp();
        Scheduler scheduler = new(this, scenario, strategy, cells, isTracing: strategy is Replay);
        scheduler.Run();
        ExplorationResult result = new()
        {
            Settings = this,
            Executions = scheduler.Executions,
            Redundant = scheduler.Redundant,
            Passes = scheduler.Passes,
            Elapsed = Stopwatch.GetElapsedTime(start),
            IsExhausted = scheduler.IsExhausted,
            MutantHits = scheduler.Memory.MutantHits,
            Failure = scheduler.Failure,
            Schedule = scheduler.Failure is null ? null : scheduler.Schedule,
            Trace = scheduler.Lines,
        };
        if (result.Schedule is null || strategy is Replay)
            return result;

        ExplorationResult replayed = Replay(scenario, result.Schedule);
        return result with
        {
            Trace = replayed.Trace,
            IsReplayable = replayed.Failure == result.Failure,
        };
    }
}
