// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The explorer on a ring with a sleeping reader, right and wrong.</summary>
public sealed class ToyRingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ToyRing_Correct_IsExhausted(int kills) =>
        new Exploration { Preemptions = 3, Kills = kills }.Exhaust(new ToyRing(2)).AssertExhausted(output, "toy ring");

    [Fact]
    public void ToyRing_WithoutWriterFence_IsFound() => AssertFound(Mutant.Skip(Order.BellFence));

    [Fact]
    public void ToyRing_WithoutReaderFence_IsFound() => AssertFound(Mutant.Skip(Order.SleepFence));

    [Fact]
    public void ToyRing_WithoutRecheck_IsFound() => AssertFound(Mutant.Stale(Order.SleepRecheck));

    [Fact]
    public void ToyRing_PublishBeforePayload_IsFound() =>
        AssertFound(Mutant.Late(Order.RingPayload, Order.RingPublish));

    [Fact]
    public void ToyRing_WithoutFencesAndStoreBuffers_IsExhausted()
    {
        foreach (Order fence in new[] { Order.BellFence, Order.SleepFence })
        {
            new Exploration { Preemptions = 3, Model = MemoryModel.SequentialConsistency, Mutant = Mutant.Skip(fence) }
                .Exhaust(new ToyRing(2)).AssertExhausted(output, "toy ring");
        }
    }

    [Fact]
    public void ToyRing_KilledBetweenPublishAndRing_IsFoundWhenTheReaderDoesNotLookAgain() =>
        new Exploration { Kills = 1 }
            .Exhaust(new ToyRing(1, looksAfterDeath: false)).AssertFound(output, "toy ring, no look after death");

    [Fact]
    public void ToyRing_RandomPriorities_FindTheMissingFence()
    {
        int seed = Seed.Take(output).Value;
        new Exploration { Mutant = Mutant.Skip(Order.BellFence) }
            .Sample(new ToyRing(2), seed, 200_000).AssertFound(output, "toy ring, random");
        new Exploration { Kills = 1 }.Sample(new ToyRing(3), seed, 2_000).AssertNoneFailed(output, "toy ring, random");
    }

    private void AssertFound(Mutant mutant) =>
        new Exploration { Mutant = mutant }.Hunt(new ToyRing(2)).AssertFound(output, "toy ring");
}
