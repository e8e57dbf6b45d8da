// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Records arrive whole and in order, and nobody sleeps over one: the production ring, bell and sleep word.</summary>
public sealed class RingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(4, 0)]
    [InlineData(2, 1)]
    [Rule("SH-01")]
    public void Ring_TwoRecords_ArriveWholeInOrderAndAwake(int preemptions, int kills) =>
        Exhaust("ring, two records", TwoRecords(), preemptions, kills);

    [Theory]
    [InlineData(4, 0)]
    [InlineData(2, 1)]
    [Rule("SH-01")]
    public void Ring_AcrossTheEnd_PadsAndGoesOn(int preemptions, int kills) =>
        Exhaust("ring, across the end with a pad", AcrossTheEnd(), preemptions, kills);

    [Fact]
    [Rule("SH-01")]
    public void Ring_WithoutZeroAhead_IsFound() => AssertFound(Mutant.Skip(Order.RingZeroAhead), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Ring_ZeroAheadBehindPublish_IsFound() =>
        AssertFound(Mutant.Late(Order.RingZeroAhead, Order.RingPublish), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Ring_PublishBeforePayload_IsFound() =>
        AssertFound(Mutant.Late(Order.RingPayload, Order.RingPublish), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_WithoutSleepFence_IsFound() => AssertFound(Mutant.Skip(Order.SleepFence), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_WithoutRecheck_IsFound() => AssertFound(Mutant.Stale(Order.SleepRecheck), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_WithoutAnnouncement_IsFound() => AssertFound(Mutant.Skip(Order.SleepAnnounce), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_BatonReleaseNoFence_IsFound() =>
        AssertFound(Mutant.SkipFence(Order.BatonRelease), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_WithoutLookAtSleepWord_IsFound() => AssertFound(Mutant.Stale(Order.BellLook), TwoRecords());

    [Fact]
    [Rule("SH-01")]
    public void Park_WithoutFencesAndStoreBuffers_IsExhausted()
    {
        // It is the store buffers that find the missing fences: without them nothing is wrong.
        foreach (Mutant mutant in new[] { Mutant.Skip(Order.SleepFence), Mutant.SkipFence(Order.BatonRelease) })
        {
            new Exploration { Model = MemoryModel.SequentialConsistency, Mutant = mutant }.Exhaust(TwoRecords())
                .AssertExhausted(output, "ring, two records");
        }
    }

    private static RingScenario TwoRecords() => new(0, 40, 70);

    private static RingScenario AcrossTheEnd() => new(SegmentLayout.RingBytes - 128, 40, 100, 20);

    private void Exhaust(string name, Scenario scenario, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(scenario).AssertExhausted(output, name);

    private void AssertFound(Mutant mutant, Scenario scenario) =>
        new Exploration { Mutant = mutant }.Hunt(scenario).AssertFound(output, "ring");
}
