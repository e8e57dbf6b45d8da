// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What the explorer leaves out, it may leave out: random programs have the same outcomes without.</summary>
public sealed class ReductionTests(ITestOutputHelper output)
{
    private const int Programs = 150;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Exploration_WithoutBound_HasTheOutcomesOfTheReferenceMachine(bool hasBuffers, bool mayDie)
    {
        Random random = Seed.Take(output).Random();
        long executions = 0;
        int outcomes = 0;
        for (int i = 0; i < Programs; i++)
        {
            RandomProgram program = new(random, mayDie);
            SortedSet<string> expected = new ReferenceMachine(program, hasBuffers, mayDie).Outcomes();
            Exploration exploration = new()
            {
                Preemptions = int.MaxValue,
                Kills = mayDie ? 1 : 0,
                Model = hasBuffers ? MemoryModel.TotalStoreOrder : MemoryModel.SequentialConsistency,
            };
            RandomProgramScenario scenario = new(program, mayDie);
            ExplorationResult result = exploration.Exhaust(scenario);
            Assert.True(result.IsExhausted, $"{program}: {result}");
            AssertSame(expected, scenario.Outcomes, program);
            executions += result.Executions;
            outcomes += expected.Count;
        }

        string line = $"{Programs} programs, {outcomes:N0} outcomes, {executions:N0} executions";
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Exploration_WithBound_HasTheSameOutcomesWithoutReduction(int preemptions)
    {
        Random random = Seed.Take(output).Random();
        long reducedExecutions = 0, unreducedExecutions = 0;
        for (int i = 0; i < Programs; i++)
        {
            RandomProgram program = new(random, mayDie: true);
            Exploration exploration = new() { Preemptions = preemptions, Kills = 1 };
            RandomProgramScenario reduced = new(program, mayDie: true), unreduced = new(program, mayDie: true);
            reducedExecutions += exploration.Exhaust(reduced).Executions;
            unreducedExecutions += (exploration with { IsUnreduced = true }).Exhaust(unreduced).Executions;
            AssertSame(unreduced.Outcomes, reduced.Outcomes, program);
        }

        string line = $"{Programs} programs: {reducedExecutions:N0} executions instead of {unreducedExecutions:N0}";
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    private static void AssertSame(SortedSet<string> expected, SortedSet<string> actual, RandomProgram program) =>
        Assert.True(
            expected.SetEquals(actual),
            $"{program}\nmissing: {string.Join(' ', expected.Except(actual))}"
            + $"\nimpossible: {string.Join(' ', actual.Except(expected))}");
}
