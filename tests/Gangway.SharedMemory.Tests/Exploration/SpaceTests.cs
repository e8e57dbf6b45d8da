// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A sender that waits for space or credit is woken when it comes back.</summary>
public sealed class SpaceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, false, 3, 0)]
    [InlineData(1, true, 3, 0)]
    [InlineData(2, true, 1, 0)]
    [InlineData(1, true, 1, 1)]
    [Rule("SH-01")]
    public void Space_GivenBack_WakesWhoWaitsForIt(int senders, bool isCredit, int preemptions, int needlessWakes) =>
        new Exploration { Preemptions = preemptions, NeedlessWakes = needlessWakes }.Exhaust(new SpaceScenario(senders, isCredit))
            .AssertExhausted(output, $"{(isCredit ? "credit" : "space")}, {senders} senders");

    [Theory]
    [InlineData(Order.SpaceWantedFence)]
    [InlineData(Order.SpaceHeadFence)]
    [InlineData(Order.SpaceWanted)]
    [InlineData(Order.RingHead)]
    [InlineData(Order.SleepFence)]
    [Rule("SH-01")]
    public void Space_WithoutStep_IsFound(object step) => AssertFound(Mutant.Skip((Order)step));

    [Fact]
    [Rule("SH-01")]
    public void Space_WithoutRecheck_IsFound() =>
        new Exploration().Hunt(new SpaceScenario(senders: 1, isCredit: false, looksBeforeSleep: false))
            .AssertFound(output, "space, no look between wish and sleep");

    private void AssertFound(Mutant mutant) =>
        new Exploration { Mutant = mutant }.Hunt(new SpaceScenario(senders: 1, isCredit: false)).AssertFound(output, "space");
}
