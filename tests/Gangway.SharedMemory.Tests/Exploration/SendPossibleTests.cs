// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A refused sender hears once that it can send again, also beside threads that wait in place.</summary>
public sealed class SendPossibleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 0, 1, true, 3)]
    [InlineData(1, 0, 2, true, 2)]
    [InlineData(2, 0, 1, true, 2)]
    [InlineData(1, 1, 1, true, 2)]
    [InlineData(1, 0, 1, false, 3)]
    [InlineData(2, 0, 1, false, 1)]
    [InlineData(1, 1, 1, false, 1)]
    [Rule("SH-01")]
    public void SendPossible_GivenBack_IsToldOnce(int refused, int waiting, int each, bool isCredit, int preemptions)
    {
        SendPossibleSetup setup = new(refused, waiting, each, isCredit);
        new Exploration { Preemptions = preemptions }.Exhaust(new SendPossibleScenario(setup))
            .AssertExhausted(output, $"send possible, {setup}");
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [Rule("SH-01")]
    public void SendPossible_SlotFreed_IsTold(int refused, int preemptions) =>
        new Exploration { Preemptions = preemptions }
            .Exhaust(new SendPossibleScenario(new(refused, 0, 1, IsCredit: true, HasCaller: true)))
            .AssertExhausted(output, $"send possible, a call beside {refused} senders");

    [Theory]
    [InlineData(2, 1, 2, true, false)]
    [InlineData(2, 1, 1, false, false)]
    [InlineData(1, 1, 1, true, true)]
    [Rule("SH-01")]
    public void SendPossible_RandomPriorities_IsToldOnce(int refused, int waiting, int each, bool isCredit, bool hasCaller)
    {
        int seed = Seed.Take(output).Value;
        SendPossibleSetup setup = new(refused, waiting, each, isCredit, hasCaller);
        new Exploration { NeedlessWakes = 1 }.Sample(new SendPossibleScenario(setup), seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, $"send possible, {setup}, random");
    }

    [Theory]
    [InlineData(Order.SpaceWantedFence)]
    [InlineData(Order.SpaceHeadFence)]
    [InlineData(Order.SpaceWanted)]
    [InlineData(Order.SleepFence)]
    [InlineData(Order.SleepAnnounce)]
    [Rule("SH-01")]
    public void SendPossible_WithoutStep_IsFound(object step) =>
        AssertFound(new(1, 0, 1, IsCredit: false), Mutant.Skip((Order)step));

    [Theory]
    [InlineData(Order.SendBlocked)]
    [InlineData(Order.SendUnblocked)]
    [Rule("SH-01")]
    public void SendPossible_WithoutSwap_IsFound(object step) =>
        AssertFound(new(1, 0, 1, IsCredit: true), Mutant.Pretend((Order)step));

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    [Rule("SH-01")]
    public void SendPossible_WithdrawnWithoutFence_IsFound(int refused, int waiting) =>
        AssertFound(new(refused, waiting, 1, IsCredit: true), Mutant.Skip(Order.SpaceWithdrawFence));

    [Theory]
    [InlineData(SendPossibleFlaw.NoLookBehindMark, 1, 0)]
    [InlineData(SendPossibleFlaw.NoWish, 1, 0)]
    [InlineData(SendPossibleFlaw.PostsWithoutSwap, 1, 0)]
    [InlineData(SendPossibleFlaw.PostsWithoutRoom, 1, 0)]
    [InlineData(SendPossibleFlaw.SleepsWithoutLook, 1, 0)]
    [InlineData(SendPossibleFlaw.WithdrawsWithoutRefused, 2, 0)]
    [InlineData(SendPossibleFlaw.WithdrawsWithoutRefused, 1, 1)]
    [InlineData(SendPossibleFlaw.WithdrawsWithoutBlocked, 1, 1)]
    [InlineData(SendPossibleFlaw.WithdrawsBlindly, 1, 1)]
    [Rule("SH-01")]
    public void SendPossible_UsedWrongly_IsFound(object flaw, int refused, int waiting) =>
        AssertFound(new(refused, waiting, 1, IsCredit: true), null, (SendPossibleFlaw)flaw);

    [Fact]
    [Rule("SH-01")]
    public void SendPossible_SlotFreedSilently_IsFound() =>
        AssertFound(new(0, 0, 1, IsCredit: true, HasCaller: true), null, SendPossibleFlaw.FreesSilently);

    private void AssertFound(SendPossibleSetup setup, Mutant? mutant, SendPossibleFlaw flaw = SendPossibleFlaw.None) =>
        new Exploration { Mutant = mutant, Preemptions = 3 }.Hunt(new SendPossibleScenario(setup, flaw))
            .AssertFound(output, $"send possible, {setup}, {flaw}");
}
