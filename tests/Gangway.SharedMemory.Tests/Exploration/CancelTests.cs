// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A cancel reaches the replier, which answers once; the slot comes back, and its next request is not cancelled.</summary>
public sealed class CancelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 1, 0, 2, 0)]
    [InlineData(1, 2, 0, 1, 0)]
    [InlineData(1, 1, 1, 2, 0)]
    [InlineData(1, 1, 0, 1, 1)]
    [Rule("SH-01")]
    public void Cancel_RacesWithTheReply_IsAnsweredOnce(int callers, int calls, int handled, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(new CancelScenario(callers, calls, handled))
            .AssertExhausted(output, $"{callers} callers, {calls} calls, {handled} handled");

    [Fact]
    [Rule("SH-01")]
    public void Cancel_RandomPriorities_KeepsAllPromises()
    {
        int seed = Seed.Take(output).Value;
        new Exploration { Kills = 1 }.Sample(new CancelScenario(callers: 2, calls: 2, handled: 2), seed, 20_000)
            .AssertNoneFailed(output, "four cancelled calls of two threads, a handler, random");
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [Rule("SH-01")]
    public void Cancel_OfSeveralAtOnce_IsHeard(int callers, int preemptions) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new CancelCountScenario(callers))
            .AssertExhausted(output, $"{callers} cancels");

    [Fact]
    [Rule("SH-01")]
    public void Cancel_TakenWithoutLook_IsFound() =>
        new Exploration().Hunt(new CancelScenario(callers: 1, calls: 1, handled: 0, looksWhenTaking: false))
            .AssertFound(output, "a request is not asked when it is taken");

    [Theory]
    [InlineData(Order.SleepFence)]
    [InlineData(Order.ReplyWaiting)]
    [Rule("SH-01")]
    public void Cancel_WithoutStep_IsFound(object step) => AssertFound(Mutant.Skip((Order)step));

    [Theory]
    [InlineData(Order.SleepRecheck)]
    [InlineData(Order.AnnouncedTruth)]
    [Rule("SH-01")]
    public void Cancel_WithoutLook_IsFound(object look) => AssertFound(Mutant.Stale((Order)look));

    [Theory]
    [InlineData(Order.AnnouncedTruth)]
    [InlineData(Order.AnnouncedCopy)]
    [Rule("SH-01")]
    public void Cancel_WithoutSwap_IsFound(object step) => AssertFound(Mutant.Pretend((Order)step));

    [Theory]
    [InlineData(LaneFlaw.LastLookWithoutLanes)]
    [InlineData(LaneFlaw.LooksBeforeCount)]
    [Rule("SH-01")]
    public void Cancel_UsedWrongly_IsFound(object flaw) => AssertFound(null, (LaneFlaw)flaw);

    private void AssertFound(Mutant? mutant, LaneFlaw flaw = LaneFlaw.None) =>
        new Exploration { Mutant = mutant }.Hunt(new CancelCountScenario(callers: 2, flaw)).AssertFound(output, "cancel");
}
