// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The explorer finds what is known to be wrong, and exhausts what is known to be right.</summary>
public sealed class LitmusTests(ITestOutputHelper output)
{
    [Fact]
    public void StoreBuffering_WithoutFences_IsFound() =>
        new Exploration().Exhaust(new StoreBuffering(isFenced: false)).AssertFound(output, "store buffering, no fences");

    [Fact]
    public void StoreBuffering_WithFences_IsExhausted() =>
        new Exploration { Preemptions = 10 }.Exhaust(new StoreBuffering(isFenced: true))
            .AssertExhausted(output, "store buffering, fences");

    [Fact]
    public void StoreBuffering_WithoutStoreBuffers_IsExhausted() =>
        new Exploration { Preemptions = 10, Model = MemoryModel.SequentialConsistency }
            .Exhaust(new StoreBuffering(isFenced: false))
            .AssertExhausted(output, "store buffering, no fences");

    [Fact]
    public void MessagePassing_InOrder_IsExhausted()
    {
        MessagePassing scenario = new();
        new Exploration { Preemptions = 10 }.Exhaust(scenario).AssertExhausted(output, "message passing");
        Assert.True(scenario.EverSawFlag);
    }

    [Fact]
    public void MessagePassing_FlagBeforeData_IsFound() =>
        new Exploration { Mutant = Mutant.Late(Order.RingPayload, Order.RingPublish) }
            .Exhaust(new MessagePassing()).AssertFound(output, "message passing");
}
