// SPDX-License-Identifier: MIT

using static Gangway.SharedMemory.ReplyWaiting;

namespace Gangway.SharedMemory.Tests;

/// <summary>A reply whose news a handler leaves to its loop reaches its caller, also when another thread takes the loop.</summary>
public sealed class KeptTests(ITestOutputHelper output)
{
    private const int Nobody = -1;

    [Theory]
    [InlineData(Nobody, 3, Announce)]
    [InlineData(0, 3, Announce)]
    [InlineData(0, 3, Parked)]
    [InlineData(1, 2, Announce, Announce)]
    [InlineData(0, 2, Announce, Announce)]
    [InlineData(1, 1, Parked, Announce)]
    [InlineData(1, 1, Parked, Parked)]
    [Rule("SH-01")]
    [Rule("DI-04")]
    public void Kept_LoopTakenAnywhere_TellsEachCaller(int stays, int preemptions, params object[] calls) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new KeptScenario([.. calls.Cast<ReplyWaiting>()], stays))
            .AssertExhausted(output, $"kept replies, {string.Join(", ", calls)}, {stays} stays");

    [Fact]
    [Rule("SH-01")]
    public void Kept_RandomPriorities_TellsEachCaller()
    {
        int seed = Seed.Take(output).Value;
        new Exploration().Sample(new KeptScenario([Announce, Parked, Announce, Parked], stays: 2), seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, "kept replies of four callers, random");
    }

    [Theory]
    [InlineData(Order.TakeoverFence)]
    [InlineData(Order.ReplyWakeFence)]
    [InlineData(Order.ReplyParkFence)]
    [Rule("SH-01")]
    public void Kept_WithoutFence_IsFound(object step) => AssertFound(Mutant.Skip((Order)step), KeptFlaw.None);

    [Fact]
    [Rule("SH-01")]
    public void Kept_NotNoted_IsFound() => AssertFound(Mutant.Skip(Order.ReplyKept), KeptFlaw.None);

    [Theory]
    [InlineData(KeptFlaw.LooksBeforeKeep)]
    [InlineData(KeptFlaw.KeepsWithoutLook)]
    [InlineData(KeptFlaw.TakesWithoutLook)]
    [InlineData(KeptFlaw.LeavesWhatItKept)]
    [InlineData(KeptFlaw.SleepsWithoutTelling)]
    [Rule("SH-01")]
    public void Kept_DoneWrongly_IsFound(object flaw) => AssertFound(null, (KeptFlaw)flaw);

    private void AssertFound(Mutant? mutant, KeptFlaw flaw) =>
        new Exploration { Mutant = mutant, Preemptions = 3 }
            .Hunt(new KeptScenario([Announce, Announce], StaysToShow(flaw), flaw))
            .AssertFound(output, $"kept replies, {flaw}");

    /// <summary>Which handler stays. A thread whose handler stays until the end leaves nothing to anybody.</summary>
    private static int StaysToShow(KeptFlaw flaw) =>
        flaw is KeptFlaw.SleepsWithoutTelling or KeptFlaw.LeavesWhatItKept ? Nobody : 0;
}
