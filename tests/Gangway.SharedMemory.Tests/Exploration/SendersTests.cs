// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What several threads send arrives once, in each one's order, and nobody sleeps over it: baton and outbox.</summary>
public sealed class SendersTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, 2, 4)]
    [InlineData(3, 1, 3)]
    [Rule("SH-01")]
    public void Baton_SeveralSenders_WriteEachRecordOnce(int senders, int each, int preemptions) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new SendersScenario(senders, each, hasReader: false))
            .AssertExhausted(output, $"baton, {senders} senders of {each}");

    [Theory]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    [Rule("SH-01")]
    public void Baton_SeveralRingersOfOneSleep_LeaveNobodyAsleep(int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }
            .Exhaust(new SendersScenario(senders: 2, each: 1, hasReader: true))
            .AssertExhausted(output, "baton and park, 2 senders of 1");

    [Fact]
    [Rule("SH-01")]
    public void Baton_RandomPriorities_KeepAllPromises()
    {
        int seed = Seed.Take(output).Value;
        new Exploration { NeedlessWakes = 2 }.Sample(new SendersScenario(senders: 3, each: 3, hasReader: true), seed, 20_000)
            .AssertNoneFailed(output, "3 senders of 3, random");
    }

    [Fact]
    [Rule("SH-01")]
    public void Baton_PlainTryLock_IsFound() =>
        AssertFound(Mutant.Pretend(Order.BatonWant), hasReader: false);

    [Fact]
    [Rule("SH-01")]
    public void Baton_WantNotMarkedWithReader_IsFound() =>
        AssertFound(Mutant.Pretend(Order.BatonWant), hasReader: true);

    [Fact]
    [Rule("SH-01")]
    public void Baton_ReleaseNoFence_IsFound() =>
        AssertFound(Mutant.SkipFence(Order.BatonRelease), hasReader: true);

    private void AssertFound(Mutant mutant, bool hasReader) =>
        new Exploration { Mutant = mutant }.Hunt(new SendersScenario(senders: 2, each: 1, hasReader))
            .AssertFound(output, "baton");
}
