// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A signal through a tree of lanes reaches a receiver that sleeps, whoever else is under way there.</summary>
public sealed class LaneTreeTests(ITestOutputHelper output)
{
    // Lane, bit, signals. Lanes 3 and 9 have one parent.
    private static readonly (int, int, int)[] s_oneBit = [(3, 5, 2), (3, 5, 2)];
    private static readonly (int, int, int)[] s_twoBits = [(3, 5, 2), (3, 6, 2)];
    private static readonly (int, int, int)[] s_twoLanes = [(3, 5, 2), (9, 5, 2)];
    private static readonly (int, int, int)[] s_oneEach = [(3, 5, 1), (3, 5, 1)];
    private static readonly (int, int, int)[] s_oneBitOnceAndTwice = [(3, 5, 1), (3, 5, 2)];
    private static readonly (int, int, int)[] s_twoBitsOneEach = [(3, 5, 1), (3, 6, 1)];
    private static readonly (int, int, int)[] s_twoLanesOneEach = [(3, 5, 1), (9, 5, 1)];

    [Fact]
    [Rule("SH-01")]
    public void Lanes_OneBitOfTwoSenders_LosesNothing() => Exhaust("one bit, twice each", s_oneBit);

    [Fact]
    [Rule("SH-01")]
    public void Lanes_TwoBitsOfOneLane_AreBothHeard() => Exhaust("two bits, twice each", s_twoBits);

    [Fact]
    [Rule("SH-01")]
    public void Lanes_TwoLanesOfOneParent_AreBothHeard() => Exhaust("two lanes, twice each", s_twoLanes);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    [Rule("SH-01")]
    public void Lanes_InATreeOfThreeLevels_AreBothHeard(int preemptions, int kills)
    {
        // Two lanes with one grandparent.
        LaneTreeScenario scenario = new([(3, 5, 1), (40, 5, 1)], lanes: 8192);
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(scenario)
            .AssertExhausted(output, "three levels");
    }

    [Fact]
    [Rule("SH-01")]
    public void Lanes_TakenOneByOne_AreBothHeard() =>
        new Exploration { Preemptions = 2 }.Exhaust(new LaneTreeScenario(s_twoLanesOneEach, budget: 1))
            .AssertExhausted(output, "two lanes, a budget of one");

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [Rule("SH-01")]
    public void Lanes_SendersKilledAtAnyStep_WhatWasSignalledIsHeard(int preemptions)
    {
        (int, int, int)[][] programs = preemptions == 1 ? [s_twoBits, s_twoLanes] : [s_oneEach, s_twoLanesOneEach];
        foreach ((int, int, int)[] senders in programs)
        {
            new Exploration { Preemptions = preemptions, Kills = 1 }.Exhaust(new LaneTreeScenario(senders))
                .AssertExhausted(output, "killed senders");
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(8192)]
    [Rule("SH-01")]
    public void Lanes_RandomPriorities_KeepAllPromises(int lanes)
    {
        int seed = Seed.Take(output).Value;
        LaneTreeScenario scenario = new([(3, 5, 3), (3, 6, 2), (lanes / 8 - 1, 5, 2), (40, 0, 2)], lanes, budget: 2);
        new Exploration { Kills = 1 }.Sample(scenario, seed, 5_000).AssertNoneFailed(output, $"{lanes} lanes, four senders, random");
    }

    [Theory]
    [InlineData(Order.LaneSignalFence)]
    [InlineData(Order.LaneDeliverFence)]
    [InlineData(Order.LaneAck)]
    [InlineData(Order.SleepFence)]
    [Rule("SH-01")]
    public void Lanes_WithoutStep_AreFound(object step) => AssertFound(Mutant.Skip((Order)step), s_oneBit);

    [Theory]
    [InlineData(Order.LaneParentFence)]
    [InlineData(Order.LaneParentAck)]
    [Rule("SH-01")]
    public void Lanes_WithoutStepAtTheParent_AreFound(object step) => AssertFound(Mutant.Skip((Order)step), s_twoBits);

    [Theory]
    [InlineData(Order.LaneAck)]
    [InlineData(Order.LaneParentAck)]
    [InlineData(Order.LaneSet)]
    [InlineData(Order.SleepRecheck)]
    [Rule("SH-01")]
    public void Lanes_WithoutLook_AreFound(object step) => AssertFound(Mutant.Stale((Order)step), s_oneBit);

    [Theory]
    [InlineData(Order.AnnouncedTruth)]
    [InlineData(Order.AnnouncedCopy)]
    [InlineData(Order.AnnouncedAgain)]
    [Rule("SH-01")]
    public void Lanes_WithoutSwap_AreFound(object step) => AssertFound(Mutant.Pretend((Order)step), s_twoBitsOneEach);

    [Fact]
    [Rule("SH-01")]
    public void Lanes_LaneReadBeforeItsParentIsAcknowledged_IsFound() =>
        AssertFound(Mutant.Late(Order.LaneParentAck, behind: Order.LaneAck), s_twoBits);

    [Theory]
    [InlineData(LaneTreeFlaw.AckBeforeSet, 0)]
    [InlineData(LaneTreeFlaw.NoCount, 0)]
    [InlineData(LaneTreeFlaw.RootFirst, 0)]
    [InlineData(LaneTreeFlaw.RingsBeforeSignal, 0)]
    [InlineData(LaneTreeFlaw.LastLookWithoutLanes, 0)]
    [InlineData(LaneTreeFlaw.LooksBeforeTake, 0)]
    [InlineData(LaneTreeFlaw.NoHelpToTheRoot, 1)]
    [InlineData(LaneTreeFlaw.NoHelpToShow, 1)]
    [InlineData(LaneTreeFlaw.NoLookAfterDeath, 1)]
    [Rule("SH-01")]
    public void Lanes_UsedWrongly_AreFound(object flaw, int kills) =>
        new Exploration { Kills = kills }.Hunt(new LaneTreeScenario(s_oneBitOnceAndTwice, flaw: (LaneTreeFlaw)flaw))
            .AssertFound(output, $"lanes, {flaw}");

    [Fact]
    [Rule("SH-01")]
    public void Lanes_OtherwiseRight_FlawedWriterHoldsToo() =>
        new Exploration { Preemptions = 1 }.Exhaust(new LaneTreeScenario(s_oneBit, flaw: LaneTreeFlaw.NoHelpToShow))
            .AssertExhausted(output, "what the flawed writer is without its flaw");

    private void AssertFound(Mutant mutant, (int, int, int)[] senders) =>
        new Exploration { Mutant = mutant }.Hunt(new LaneTreeScenario(senders)).AssertFound(output, "lanes");

    private void Exhaust(string name, (int, int, int)[] senders) =>
        new Exploration { Preemptions = 2 }.Exhaust(new LaneTreeScenario(senders)).AssertExhausted(output, name);
}
