// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A reply reaches its caller, whole and once, whether that polls, sleeps, or has given up.</summary>
public sealed class CallTests(ITestOutputHelper output)
{
    private static readonly (int, bool)[] s_twoCalls = [(2, false)];
    private static readonly (int, bool)[] s_twoCallsThatMayTimeOut = [(2, true)];

    [Theory]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    [Rule("SH-01")]
    [Rule("CA-01")]
    public void Call_PollOrPark_GetsItsReply(int preemptions, int kills) =>
        Exhaust("two calls", s_twoCalls, preemptions, kills);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 1)]
    [Rule("SH-01")]
    [Rule("CA-01")]
    public void Call_ThatMayTimeOut_UsesItsSlotAgain(int preemptions, int kills) =>
        Exhaust("two calls in one slot, each may time out", s_twoCallsThatMayTimeOut, preemptions, kills);

    [Fact]
    [Rule("EV-17")]
    public void Call_WokenForNoReason_GetsItsReply() =>
        new Exploration { Preemptions = 2, NeedlessWakes = 1 }.Exhaust(new CallScenario([(1, false)], slotCount: 1))
            .AssertExhausted(output, "one call");

    [Fact]
    [Rule("SH-01")]
    public void Call_RandomPriorities_KeepAllPromises()
    {
        int seed = Seed.Take(output).Value;
        CallScenario scenario = new([(2, true), (2, true), (1, false)], slotCount: 2);
        new Exploration { Kills = 1, NeedlessWakes = 2 }.Sample(scenario, seed, 20_000)
            .AssertNoneFailed(output, "five calls of three threads in two slots, random");
    }

    [Fact]
    [Rule("SH-01")]
    public void Call_WhoseSlotAnotherWaitsFor_PassesItOn() =>
        Exhaust("one slot, one may time out, another waits for it", [(1, true), (1, false)], preemptions: 2, kills: 0);

    [Fact]
    [Rule("SH-01")]
    public void Call_AbandonedWithoutAnotherLook_StrandsWhoWaitsForTheSlot() =>
        new Exploration { Preemptions = 2 }
            .Hunt(new CallScenario([(1, true), (1, false)], slotCount: 1, reclaimsBehindAbandon: false))
            .AssertFound(output, "no look behind the abandonment");

    private void Exhaust(string name, (int, bool)[] callers, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(new CallScenario(callers, slotCount: 1))
            .AssertExhausted(output, name);
}
