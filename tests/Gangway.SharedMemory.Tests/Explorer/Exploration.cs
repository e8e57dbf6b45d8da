// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.SharedMemory.Tests;

/// <summary>How to explore a scenario.</summary>
/// <remarks>
/// With a schedule in the environment variable <c>GANGWAY_SCHEDULE</c> that one execution is done instead, and its trace
/// printed: for one test at a time.
/// </remarks>
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
    internal ExplorationResult Exhaust(Scenario scenario) =>
        Given(scenario) ?? Run(scenario, new DepthFirst(), new Cells());

    /// <summary>The same with 0, 1, 2, ... preemptions: finds a failure that needs few of them early.</summary>
    internal ExplorationResult Hunt(Scenario scenario)
    {
        Cells cells = new();
        ExplorationResult? result = Given(scenario);
        if (result is not null)
            return result;
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
        Given(scenario) ?? WithoutBound.Run(scenario, new PriorityChange(seed, executions), new Cells());

    /// <summary>The one execution that a schedule describes, with its trace.</summary>
    internal ExplorationResult Replay(Scenario scenario, Schedule schedule)
    {
        Replay replay = new(schedule);
        ExplorationResult result = WithoutBound.Run(scenario, replay, new Cells());
        return replay.IsComplete
            ? result with { IsReplayable = true }
            : throw new InvalidOperationException($"The schedule '{schedule}' does not fit.");
    }

    private Exploration WithoutBound => this with { IsUnreduced = true, Preemptions = int.MaxValue };

    private ExplorationResult? Given(Scenario scenario)
    {
        string? text = Environment.GetEnvironmentVariable("GANGWAY_SCHEDULE");
        return text is null ? null : Replay(scenario, Schedule.Parse(text));
    }

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

        // Does not fit: only for a scenario that is not deterministic, which the failure says.
        Replay again = new(result.Schedule);
        ExplorationResult replayed = WithoutBound.Run(scenario, again, new Cells());
        bool isReplayable = again.IsComplete && replayed.Failure == result.Failure;
        return result with { Trace = replayed.Trace, IsReplayable = isReplayable };
    }
}
