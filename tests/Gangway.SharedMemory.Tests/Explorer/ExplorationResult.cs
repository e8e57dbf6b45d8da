// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Text;

namespace Gangway.SharedMemory.Tests;

/// <summary>What an exploration did and found.</summary>
internal sealed record ExplorationResult
{
    internal required Exploration Settings { get; init; }

    /// <summary>Executions begun, the repetitions that were given up included.</summary>
    internal required long Executions { get; init; }

    /// <summary>Those that were given up as repetitions of others.</summary>
    internal required long Redundant { get; init; }

    /// <summary>How often it began anew with better knowledge of what is shared.</summary>
    internal required int Passes { get; init; }

    internal required TimeSpan Elapsed { get; init; }

    /// <summary>Whether every execution within the bounds was done.</summary>
    internal required bool IsExhausted { get; init; }

    internal required long MutantHits { get; init; }

    internal required string? Failure { get; init; }

    internal required Schedule? Schedule { get; init; }

    internal required IReadOnlyList<string> Trace { get; init; }

    /// <summary>Whether a replay of the schedule failed in the same way.</summary>
    internal bool IsReplayable { get; init; }

    /// <summary>One line: what was done.</summary>
    public override string ToString()
    {
        StringBuilder line = new();
        double rate = Executions / Math.Max(Elapsed.TotalSeconds, 1e-9);
        line.Append(CultureInfo.InvariantCulture, $"{Executions:N0} executions ({Redundant:N0} given up as repetitions, ");
        line.Append(CultureInfo.InvariantCulture, $"{rate:N0}/s, {Elapsed.TotalSeconds:N1} s), ");
        line.Append(Settings.Model == MemoryModel.TotalStoreOrder ? "store buffers" : "no store buffers");
        if (Settings.Preemptions != int.MaxValue)
            line.Append(CultureInfo.InvariantCulture, $", at most {Settings.Preemptions} preemptions");
        if (Settings.Kills != 0)
            line.Append(CultureInfo.InvariantCulture, $", a kill at any step");
        if (Settings.NeedlessWakes != 0)
            line.Append(CultureInfo.InvariantCulture, $", {Settings.NeedlessWakes} needless wakes");
        if (Settings.Mutant is not null)
            line.Append(CultureInfo.InvariantCulture, $"; mutant: {Settings.Mutant}, in effect {MutantHits:N0} times");
        if (Failure is not null)
            line.Append(CultureInfo.InvariantCulture, $": FOUND {Failure}; schedule \"{Schedule}\"");
        else
            line.Append(IsExhausted ? ": exhausted" : ": NOT EXHAUSTED");
        return line.ToString();
    }

    /// <summary>Adds what was done before, with smaller bounds.</summary>
    internal ExplorationResult Behind(ExplorationResult before) => this with
    {
        Executions = Executions + before.Executions,
        Redundant = Redundant + before.Redundant,
        Passes = Passes + before.Passes,
        Elapsed = Elapsed + before.Elapsed,
        MutantHits = MutantHits + before.MutantHits,
    };

    /// <summary>Prints what was done, and fails unless every execution within the bounds kept all promises.</summary>
    internal void AssertExhausted(ITestOutputHelper output, string name)
    {
        AssertNoneFailed(output, name);
        Assert.True(IsExhausted, $"{name}: NOT EXHAUSTED after {Executions:N0} executions");
    }

    /// <summary>Prints what was done, and fails if an execution broke a promise.</summary>
    internal void AssertNoneFailed(ITestOutputHelper output, string name)
    {
        Print(output, name);
        Assert.True(Failure is null, $"{name}: {this}\n{string.Join('\n', Trace)}");
    }

    /// <summary>Prints what was done, and fails unless a promise was broken in a way that can be replayed.</summary>
    internal void AssertFound(ITestOutputHelper output, string name)
    {
        Print(output, name);
        Assert.True(Settings.Mutant is null || MutantHits != 0, $"{name}: the mutant was never in effect");
        Assert.True(Failure is not null, $"{name}: survived: {this}");
        Assert.True(IsReplayable, $"{name}: the schedule \"{Schedule}\" does not reproduce: {Failure}");
    }

    private void Print(ITestOutputHelper output, string name)
    {
        string line = $"{name}: {this}";
        output.WriteLine(line);
        foreach (string step in Trace)
            output.WriteLine(step);
        Console.WriteLine(line);
    }
}
