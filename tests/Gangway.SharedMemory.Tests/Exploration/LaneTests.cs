// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The reply lanes by themselves: several repliers in one word, or in both.</summary>
public sealed class LaneTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3, 31, 4, 0)]
    [InlineData(31, 32, 3, 0)]
    [InlineData(3, 31, 2, 1)]
    [Rule("SH-01")]
    public void Lanes_TwoRepliersAtOnce_AreBothHeard(int one, int other, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(new LaneScenario(one, other))
            .AssertExhausted(output, $"slots {one} and {other}");

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [Rule("SH-01")]
    public void Lanes_OneBitSignalledByTwo_LosesNothing(int one, int other) =>
        new Exploration { Preemptions = 2 }.Exhaust(new SharedBitScenario(one, other))
            .AssertExhausted(output, $"one bit, {one} and {other} signals");

    [Fact]
    [Rule("SH-01")]
    public void Lanes_ThreeRepliersRandomPriorities_AreAllHeard()
    {
        int seed = Seed.Take(output).Value;
        new Exploration().Sample(new LaneScenario(0, 1, 2), seed, 20_000).AssertNoneFailed(output, "three repliers, random");
    }

    [Theory]
    [InlineData(Order.AnnouncedTruth)]
    [InlineData(Order.AnnouncedCopy)]
    [InlineData(Order.AnnouncedAgain)]
    [Rule("SH-01")]
    public void Lanes_WithoutSwap_AreFound(object step) => AssertFound(Mutant.Pretend((Order)step));

    [Theory]
    [InlineData(Order.AnnouncedTruth)]
    [InlineData(Order.AnnouncedAgain)]
    [Rule("SH-01")]
    public void Lanes_WithoutLook_AreFound(object step) => AssertFound(Mutant.Stale((Order)step));

    private void AssertFound(Mutant mutant) =>
        new Exploration { Mutant = mutant }.Hunt(new LaneScenario(3, 31)).AssertFound(output, "lanes");
}
