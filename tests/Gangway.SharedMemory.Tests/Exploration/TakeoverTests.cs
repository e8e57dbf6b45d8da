// SPDX-License-Identifier: MIT

using static Gangway.SharedMemory.Tests.HandlerKind;

namespace Gangway.SharedMemory.Tests;

/// <summary>A loop has one owner at a time, and goes on whatever its handlers do.</summary>
public sealed class TakeoverTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, true, 3, Blocked, Quick)]
    [InlineData(1, true, 2, Quick, Quick, Quick)]
    [InlineData(1, true, 2, Blocked, Waits, Blocked, Quick)]
    [InlineData(1, true, 2, Waits, Quick, Quick)]
    [InlineData(2, true, 1, Long, Blocked, Quick)]
    [InlineData(2, true, 1, Blocked, Quick, Waits, Quick)]
    [InlineData(2, false, 2, Waits, Waits, Quick)]
    [Rule("SH-01")]
    public void Takeover_HandlersOfEachKind_LeaveOneOwner(int standbys, bool hasMonitor, int preemptions, params object[] handlers)
    {
        TakeoverScenario scenario = new([.. handlers.Cast<HandlerKind>()], standbys, hasMonitor);
        new Exploration { Preemptions = preemptions }.Exhaust(scenario)
            .AssertExhausted(output, $"takeover, {standbys} standbys, {string.Join(", ", handlers)}");
    }

    [Fact]
    [Rule("SH-01")]
    public void Takeover_RandomPriorities_LeavesOneOwner()
    {
        int seed = Seed.Take(output).Value;
        TakeoverScenario scenario = new([Quick, Blocked, Waits, Long, Blocked, Waits, Quick], standbys: 2, hasMonitor: true);
        new Exploration().Sample(scenario, seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, "takeover, 2 standbys, 7 handlers, random");
    }

    [Fact]
    [Rule("SH-01")]
    public void Takeover_HandlerNotAnnounced_IsFound() =>
        AssertFound(Mutant.Skip(Order.TakeoverEnter), TakeoverFlaw.None);

    [Theory]
    [InlineData(Order.TakeoverLeave)]
    [InlineData(Order.TakeoverTake)]
    [Rule("SH-01")]
    public void Takeover_WithoutSwap_IsFound(object step) => AssertFound(Mutant.Pretend((Order)step), TakeoverFlaw.None);

    [Fact]
    [Rule("SH-01")]
    public void Takeover_WithoutLook_IsFound() => AssertFound(Mutant.Stale(Order.TakeoverTake), TakeoverFlaw.None);

    [Theory]
    [InlineData(TakeoverFlaw.NoNumber)]
    [InlineData(TakeoverFlaw.WritesBack)]
    [InlineData(TakeoverFlaw.EntersEarly)]
    [InlineData(TakeoverFlaw.WakesBeforeAssigned)]
    [InlineData(TakeoverFlaw.HandsOverBeforeSwap)]
    [InlineData(TakeoverFlaw.RunsWithoutStandby)]
    [InlineData(TakeoverFlaw.ReturnsEarly)]
    [InlineData(TakeoverFlaw.TouchesAfterLoss)]
    [InlineData(TakeoverFlaw.LooksBeforeWord)]
    [Rule("SH-01")]
    public void Takeover_DoneWrongly_IsFound(object flaw) => AssertFound(null, (TakeoverFlaw)flaw);

    private void AssertFound(Mutant? mutant, TakeoverFlaw flaw) =>
        new Exploration { Mutant = mutant, Preemptions = 3 }
            .Hunt(new TakeoverScenario(flaw == TakeoverFlaw.ReturnsEarly ? [Long, Blocked, Quick] : [Blocked, Quick, Waits, Quick], standbys: 1, hasMonitor: true, flaw))
            .AssertFound(output, $"takeover, {flaw}");
}
