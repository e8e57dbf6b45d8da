// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Several threads ring one sleep, for different reasons.</summary>
public sealed class RingersTests(ITestOutputHelper output)
{
    [Fact]
    [Rule("SH-01")]
    public void Ringers_OfOneSleep_LeaveNobodyAsleep() =>
        new Exploration { Preemptions = 3 }.Exhaust(new RingersScenario()).AssertExhausted(output, "two ringers");

    [Theory]
    [InlineData(Order.BellFence)]
    [InlineData(Order.SleepFence)]
    [Rule("SH-01")]
    public void Ringers_WithoutFence_AreFound(object fence) =>
        new Exploration { Mutant = Mutant.Skip((Order)fence) }.Hunt(new RingersScenario())
            .AssertFound(output, "two ringers");
}
