// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The reply slot by itself: no reply is torn, none is slept over.</summary>
public sealed class ReplySlotTests(ITestOutputHelper output)
{
    [Fact]
    [Rule("SH-01")]
    [Rule("CA-01")]
    public void Reply_OneOfTheTwo_SeesTheOther() =>
        new Exploration { Preemptions = 5 }.Exhaust(new ReplySlotScenario(calls: 2)).AssertExhausted(output, "two replies");

    [Theory]
    [InlineData(Order.ReplyParkFence)]
    [InlineData(Order.ReplyWakeFence)]
    [InlineData(Order.ReplyWaiting)]
    [Rule("SH-01")]
    public void Reply_WithoutStep_IsFound(object step) => AssertFound(Mutant.Skip((Order)step));

    [Fact]
    [Rule("SH-01")]
    public void Reply_WithoutRecheck_IsFound() => AssertFound(Mutant.Stale(Order.ReplyRecheck));

    [Fact]
    [Rule("CA-01")]
    public void Reply_PublishBeforePayload_IsFound() =>
        AssertFound(Mutant.Late(Order.ReplyPayload, Order.ReplyPublish));

    private void AssertFound(Mutant mutant) =>
        new Exploration { Mutant = mutant }.Hunt(new ReplySlotScenario(calls: 2)).AssertFound(output, "reply");
}
