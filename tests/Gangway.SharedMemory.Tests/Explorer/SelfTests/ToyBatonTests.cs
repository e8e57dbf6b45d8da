// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The explorer on a lock that nobody waits for.</summary>
public sealed class ToyBatonTests(ITestOutputHelper output)
{
    [Fact]
    public void ToyBaton_Correct_IsExhausted() =>
        new Exploration { Preemptions = 3 }.Exhaust(new ToyBaton(3)).AssertExhausted(output, "toy baton");

    [Fact]
    public void ToyBaton_PlainTryLock_IsFound() =>
        new Exploration { Mutant = Mutant.Pretend(Order.BatonWant) }
            .Hunt(new ToyBaton(2)).AssertFound(output, "toy baton");
}
