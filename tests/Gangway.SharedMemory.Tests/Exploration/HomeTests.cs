// SPDX-License-Identifier: MIT

using static Gangway.SharedMemory.Tests.HomeClient;

namespace Gangway.SharedMemory.Tests;

/// <summary>A loop at home has one owner at a time, runs for whoever waits for it, and comes home when it was called.</summary>
public sealed class HomeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Posts, -1, false, 0)]
    [InlineData(Posts, 2, false, 1)]
    [InlineData(Posts, 2, true, 0)]
    [InlineData(Bell, -1, false, 0)]
    [InlineData(Bell, 2, false, 0)]
    [InlineData(Stops, -1, false, 0)]
    [InlineData(Stops, 2, false, 0)]
    [Rule("SH-01")]
    public void Home_PollerThatStaysOrLeaves_ServesWhoWaits(object kind, int pollerTurns, bool isSlow, int preemptions) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new HomeScenario((HomeClient)kind, pollerTurns, isSlow))
            .AssertExhausted(output, $"home, {kind}, {pollerTurns} turns{(isSlow ? ", slow" : "")}");

    [Theory]
    [InlineData(Posts, -1, true)]
    [InlineData(Bell, -1, true)]
    [InlineData(Bell, 5, true)]
    [InlineData(Stops, -1, true)]
    [Rule("SH-01")]
    public void Home_RandomPriorities_ServesWhoWaits(object kind, int pollerTurns, bool isSlow)
    {
        int seed = Seed.Take(output).Value;
        new Exploration().Sample(
                new HomeScenario((HomeClient)kind, pollerTurns, isSlow), seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, $"home, {kind}, {pollerTurns} turns, random");
    }

    [Theory]
    [InlineData(Order.HomeEnter, Posts, -1, false)]
    [InlineData(Order.HomeLeave, Posts, -1, false)]
    [InlineData(Order.HomeNeed, Posts, -1, false)]
    [InlineData(Order.HomeTaken, Posts, -1, true)]
    [InlineData(Order.HomeReturn, Posts, -1, false)]
    [Rule("SH-01")]
    public void Home_WithoutSwap_IsFound(object step, object kind, int pollerTurns, bool isSlow) =>
        AssertFound(Mutant.Pretend((Order)step), new HomeScenario((HomeClient)kind, pollerTurns, isSlow));

    [Fact]
    [Rule("SH-01")]
    public void Home_ReturnWithoutLook_IsFound() =>
        AssertFound(Mutant.Stale(Order.HomeReturn), new HomeScenario(Posts, -1, isSlow: false));

    [Theory]
    [InlineData(HomeFlaw.NeedIsNotHeld, Bell, 2, false)]
    [InlineData(HomeFlaw.NeedGivesNobody, Posts, -1, false)]
    [InlineData(HomeFlaw.CallsSilently, Posts, -1, false)]
    [InlineData(HomeFlaw.SleepsThoughCalled, Posts, -1, false)]
    [InlineData(HomeFlaw.ReturnsSilently, Posts, -1, false)]
    [InlineData(HomeFlaw.NeedEndsSilently, Posts, -1, false)]
    [InlineData(HomeFlaw.RestsWithoutLook, Posts, -1, false)]
    [InlineData(HomeFlaw.RestsWithoutFence, Posts, -1, false)]
    [InlineData(HomeFlaw.TakesSilently, Posts, -1, true)]
    [Rule("SH-01")]
    public void Home_DoneWrongly_IsFound(object flaw, object kind, int pollerTurns, bool isSlow) =>
        AssertFound(null, new HomeScenario((HomeClient)kind, pollerTurns, isSlow, (HomeFlaw)flaw));

    private void AssertFound(Mutant? mutant, HomeScenario scenario) =>
        new Exploration { Mutant = mutant, Preemptions = 2, ExecutionsMax = 150_000 }.Hunt(scenario)
            .AssertFound(output, "home");
}
