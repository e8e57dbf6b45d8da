// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>An announced reply reaches its suspended caller through the lanes, whatever else is pending there.</summary>
public sealed class AnnounceTests(ITestOutputHelper output)
{
    private static readonly (int, int)[] s_oneSlotTwice = [(5, 2)];
    private static readonly (int, int)[] s_oneSlotThreeTimes = [(5, 3)];

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    [Rule("SH-01")]
    [Rule("CA-01")]
    public void Announce_SlotUsedAgain_GetsBothReplies(int preemptions, int kills) =>
        Exhaust("one slot twice", s_oneSlotTwice, [2], preemptions, kills);

    [Fact]
    [Rule("SH-01")]
    public void Announce_SlotUsedAgainWhileAReplierSignals_GetsBothReplies() =>
        Exhaust("one slot twice, two repliers", s_oneSlotTwice, [1, 1], preemptions: 1, kills: 0);

    [Fact]
    [Rule("SH-01")]
    public void Announce_RandomPriorities_KeepAllPromises()
    {
        int seed = Seed.Take(output).Value;
        AnnounceScenario scenario = new([(5, 3), (6, 2), (40, 1)], [2, 2, 2]);
        new Exploration { Kills = 1 }.Sample(scenario, seed, 20_000)
            .AssertNoneFailed(output, "six calls of three threads, three repliers, random");
    }

    [Theory]
    [InlineData(Order.ReplyParkFence)]
    [InlineData(Order.ReplyWakeFence)]
    [InlineData(Order.ReplyLaneFence)]
    [InlineData(Order.ReplyLaneAck)]
    [InlineData(Order.SleepFence)]
    [Rule("SH-01")]
    public void Announce_WithoutStep_IsFound(object step) =>
        AssertFound(Mutant.Skip((Order)step), new AnnounceScenario(s_oneSlotThreeTimes, [3]));

    [Theory]
    [InlineData(Order.ReplyLaneAck)]
    [InlineData(Order.SleepRecheck)]
    [Rule("SH-01")]
    public void Announce_WithoutLook_IsFound(object step) =>
        AssertFound(Mutant.Stale((Order)step), new AnnounceScenario(s_oneSlotThreeTimes, [3]));

    [Theory]
    [InlineData(LaneFlaw.LastLookWithoutLanes)]
    [InlineData(LaneFlaw.LooksBeforeTake)]
    [InlineData(LaneFlaw.RingsBeforeSignal)]
    [Rule("SH-01")]
    public void Announce_UsedWrongly_IsFound(object flaw) =>
        AssertFound(null, new AnnounceScenario(s_oneSlotTwice, [2], (LaneFlaw)flaw));

    private void AssertFound(Mutant? mutant, AnnounceScenario scenario) =>
        new Exploration { Mutant = mutant }.Hunt(scenario).AssertFound(output, "announced reply");

    private void Exhaust(string name, (int, int)[] callers, int[] repliers, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(new AnnounceScenario(callers, repliers))
            .AssertExhausted(output, name);
}
