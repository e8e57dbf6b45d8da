// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The credit of each completed message comes back, whichever thread completes it, also while the loop sleeps.</summary>
public sealed class CompletionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(1, 2, 3)]
    [InlineData(2, 1, 3)]
    [Rule("SH-01")]
    public void Completion_OnAnyThread_GivesTheCreditBack(int completers, int each, int preemptions) =>
        // A third preemption of two threads takes two minutes: with --soak.
        new Exploration { Preemptions = completers == 1 ? preemptions : TestLevel.Pick(2, 2, preemptions) }.Exhaust(new CompletionScenario(completers, each))
            .AssertExhausted(output, $"completion, {completers} threads, {each} each");

    [Fact]
    [Rule("SH-01")]
    public void Completion_RandomPriorities_GivesTheCreditBack()
    {
        int seed = Seed.Take(output).Value;
        new Exploration { NeedlessWakes = 1 }.Sample(new CompletionScenario(completers: 3, each: 3), seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, "completion, 3 threads, 3 each, random");
    }

    [Theory]
    [InlineData(Order.SleepFence)]
    [InlineData(Order.SpaceHeadFence)]
    [InlineData(Order.RingDone)]
    [Rule("SH-01")]
    public void Completion_WithoutStep_IsFound(object step) => AssertFound(Mutant.Skip((Order)step), CompletionFlaw.None);

    [Theory]
    [InlineData(CompletionFlaw.LooksBeforeCount)]
    [InlineData(CompletionFlaw.ParksWithoutLook)]
    [InlineData(CompletionFlaw.MarksBehindLook)]
    [InlineData(CompletionFlaw.PublishesSilently)]
    [Rule("SH-01")]
    public void Completion_DoneWrongly_IsFound(object flaw) => AssertFound(null, (CompletionFlaw)flaw);

    private void AssertFound(Mutant? mutant, CompletionFlaw flaw) =>
        new Exploration { Mutant = mutant, Preemptions = 3 }.Hunt(new CompletionScenario(completers: 1, each: 1, flaw))
            .AssertFound(output, $"completion, {flaw}");
}
