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
}
