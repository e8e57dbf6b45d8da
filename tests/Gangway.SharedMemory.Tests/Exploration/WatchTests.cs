// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What comes to a port that sets watch is taken, found or done while somebody waits for a set, and nobody wakes others for nothing.</summary>
public sealed class WatchTests(ITestOutputHelper output)
{
    private static readonly WatchSetup s_taker = new(1, Takers: 1, Signals: 2);
    private static readonly WatchSetup s_descriptor = new(1, Takers: 1, Events: 1);
    private static readonly WatchSetup s_leaving = new(2, Events: 2, LastLeaves: true);
    private static readonly WatchSetup s_onlyAsked = new(1, Asks: true);
    private static readonly WatchSetup s_loop = new(1, Takers: 1, Signals: 1, Asks: true);

    public static TheoryData<object, int> Setups => new()
    {
        { s_taker, 3 },
        { s_descriptor, 3 },
        { s_leaving, 2 },
        { s_loop, 1 },
        { new WatchSetup(2, Signals: 2), 2 },
        { new WatchSetup(2, Takers: 1, Events: 1), 1 },
        { new WatchSetup(2, Asks: true, LastLeaves: true), 2 },
    };

    [Theory]
    [MemberData(nameof(Setups))]
    [Rule("SH-01")]
    public void Watched_Port_LosesNothing(object setup, int preemptions) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new WatchScenario((WatchSetup)setup))
            .AssertExhausted(output, $"watch, {setup}");

    [Fact]
    [Rule("SH-01")]
    public void Watched_RandomPriorities_LosesNothing()
    {
        int seed = Seed.Take(output).Value;
        new Exploration().Sample(
                new WatchScenario(new WatchSetup(3, Takers: 2, Signals: 3, Events: 2, Asks: true)), seed, TestLevel.Pick(2_000, 10_000, 500_000))
            .AssertNoneFailed(output, "watch, random");
    }

    [Theory]
    [InlineData(Order.PortBaton)]
    [InlineData(Order.PortMissed)]
    [Rule("SH-01")]
    public void Watched_WithoutSwap_IsFound(object step) => AssertFound(Mutant.Pretend((Order)step), WatchFlaw.None, s_taker);

    [Fact]
    [Rule("SH-01")]
    public void Watched_TakeThatIsNoFence_IsFound() => AssertFound(Mutant.SkipFence(Order.PortTake), WatchFlaw.None, s_taker);

    [Fact]
    [Rule("SH-01")]
    public void Watched_WithoutAnnouncement_IsFound() => AssertFound(Mutant.Skip(Order.PortQueued), WatchFlaw.None, s_taker);

    [Fact]
    [Rule("SH-01")]
    public void Watched_AnnouncementBehindTheTake_IsFound() =>
        AssertFound(Mutant.Late(Order.PortQueued, Order.PortTake), WatchFlaw.None, s_taker);

    [Fact]
    [Rule("SH-01")]
    public void Watched_AnnouncementThatIsNotRead_IsFound() => AssertFound(Mutant.Stale(Order.PortQueued), WatchFlaw.None, s_taker);

    [Theory]
    [InlineData(WatchFlaw.LeavesNoMark, nameof(s_taker))]
    [InlineData(WatchFlaw.TellsNoTaker, nameof(s_taker))]
    [InlineData(WatchFlaw.RingsForNobody, nameof(s_descriptor))]
    [InlineData(WatchFlaw.LooksOnce, nameof(s_leaving))]
    [InlineData(WatchFlaw.RingsForLookers, nameof(s_leaving))]
    [InlineData(WatchFlaw.RestsNot, nameof(s_loop))]
    [InlineData(WatchFlaw.RestsWithoutFence, nameof(s_onlyAsked))]
    [InlineData(WatchFlaw.RestsWithoutLook, nameof(s_onlyAsked))]
    [InlineData(WatchFlaw.HandsNothingOver, nameof(s_loop))]
    [Rule("SH-01")]
    public void Watched_DoneWrongly_IsFound(object flaw, string setup) => AssertFound(null, (WatchFlaw)flaw, setup switch
    {
        nameof(s_taker) => s_taker,
        nameof(s_descriptor) => s_descriptor,
        nameof(s_leaving) => s_leaving,
        nameof(s_onlyAsked) => s_onlyAsked,
        _ => s_loop,
    });

    private void AssertFound(Mutant? mutant, WatchFlaw flaw, WatchSetup setup) =>
        new Exploration { Mutant = mutant, Preemptions = 2, ExecutionsMax = 50_000 }.Hunt(new WatchScenario(setup, flaw))
            .AssertFound(output, $"watch, {mutant?.ToString() ?? flaw.ToString()}");
}
