// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Repository.Tests.TestLibrary;

public sealed class WatchdogTests
{
    [Fact]
    public void Run_ActionThatEnds_ReturnsItsResult() => Assert.Equal(3, Watchdog.Run(static () => 1 + 2));

    [Fact]
    public void Run_ActionThatHangs_FailsWithTheThreads()
    {
        using var never = new ManualResetEventSlim();
        WatchdogException failure = Assert.Throws<WatchdogException>(
            () => Watchdog.Run(never.Wait, TimeSpan.FromMilliseconds(50), "the hang"));
        Assert.Contains("the hang did not end", failure.Message, StringComparison.Ordinal);
        Assert.Contains("test", failure.Message, StringComparison.Ordinal);
        Assert.Contains("syscall", failure.Message, StringComparison.Ordinal);
        never.Set();
    }

    [Fact]
    public void Run_ActionThatThrows_ThrowsTheSame()
    {
        FormatException failure = Assert.Throws<FormatException>(() => Watchdog.Run(static () => throw new FormatException("x")));
        Assert.Equal("x", failure.Message);
    }

    [Fact]
    public async Task WaitAsync_TaskThatFails_ThrowsTheSame() => await Assert.ThrowsAsync<FormatException>(
        static () => Watchdog.WaitAsync(Task.FromException(new FormatException())));

    [Fact]
    public void Until_ConditionThatNeverHolds_Fails() => Assert.Throws<WatchdogException>(
        static () => Watchdog.Until(static () => false, TimeSpan.FromMilliseconds(20), "nothing"));

    // What is slow because others want the processors is no failure, and what spins for ever is one in the end.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(24, 0)]
    [InlineData(26, Patience.BoundsMost - 1)]
    [InlineData(100, Patience.BoundsMost - 1)]
    public void Patience_BesideABusyMachine_GoesOnForAFewBounds(int busyPercent, int expected)
    {
        (long Busy, long All) ticks = (1000, 5000);
        var patience = new Patience(TimeSpan.FromDays(1), () => ticks);
        int bounds = 0;
        do
        {
            ticks = (ticks.Busy + busyPercent, ticks.All + 100);
        }
        while (patience.MayGoOn() && ++bounds < 100);
        Assert.Equal(expected, bounds);
    }
}
