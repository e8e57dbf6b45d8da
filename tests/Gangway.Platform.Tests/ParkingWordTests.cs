// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Platform.Tests;

public sealed class ParkingWordTests
{
    [Fact]
    public unsafe void New_Always_HasACacheLineOfItsOwn()
    {
        var lines = new HashSet<nint>();
        ParkingWord[] words = [.. Enumerable.Range(0, 100).Select(_ => new ParkingWord())];
        foreach (ParkingWord word in words)
        {
            fixed (uint* address = word)
            {
                Assert.Equal(0, (nint)address % 64);
                Assert.True(lines.Add((nint)address));
            }
        }
    }

    [Fact]
    public void Bump_Repeated_CountsAndWraps()
    {
        var word = new ParkingWord();
        Assert.Equal(0u, word.Value);
        Assert.Equal(1u, word.Bump());
        Assert.Equal(2u, word.Bump());
        Assert.Equal(2u, word.Value);
    }

    [Fact]
    public void Wait_OtherValue_ReturnsAtOnce() => Assert.Equal(Errno.EAGAIN, new ParkingWord().Wait(1, Made.Never));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Wait_PassedDeadline_TimesOut(long deadlineNs) =>
        Assert.Equal(Errno.ETIMEDOUT, new ParkingWord().Wait(0, deadlineNs));

    [Fact]
    public void Wait_NobodyWakes_TimesOutNotBeforeTheDeadline()
    {
        long deadline = Made.After(milliseconds: 20);
        Assert.Equal(Errno.ETIMEDOUT, new ParkingWord().Wait(0, deadline));
        Assert.True(Stopwatch.GetTimestamp() >= deadline);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_AsleepAndWoken_Returns(bool hasDeadline)
    {
        var word = new ParkingWord();
        long deadline = hasDeadline ? Made.After(milliseconds: 600_000) : Made.Never;
        var sleeper = new Sleeper<Errno>(() => word.Wait(0, deadline));
        sleeper.WaitUntilAsleepIn(Syscall.SYS_futex);

        word.Bump();
        Assert.True(sleeper.IsAlive);
        word.Wake(1);

        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Fact]
    public void Wake_CountOfOne_LeavesTheOtherAsleep()
    {
        var word = new ParkingWord();
        Sleeper<Errno>[] sleepers = [new(() => word.Wait(0, Made.Never)), new(() => word.Wait(0, Made.Never))];
        foreach (Sleeper<Errno> sleeper in sleepers)
            sleeper.WaitUntilAsleepIn(Syscall.SYS_futex);

        word.Wake(1);
        Gangway.Testing.Watchdog.Until(() => sleepers.Count(sleeper => sleeper.IsAlive) == 1, "one of two to wake");
        sleepers.Single(sleeper => sleeper.IsAlive).WaitUntilAsleepIn(Syscall.SYS_futex);

        word.Wake(int.MaxValue);
        Assert.All(sleepers, sleeper => Assert.Equal(Errno.None, sleeper.Result()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_InterruptedBySignals_GoesOnUntilTheDeadline(bool hasDeadline)
    {
        using var signal = new HandledSignal();
        var word = new ParkingWord();
        long deadline = hasDeadline ? Made.After(milliseconds: 600_000) : Made.Never;
        var sleeper = new Sleeper<Errno>(() => word.Wait(0, deadline));
        for (int i = 0; i < 20; i++)
        {
            sleeper.WaitUntilAsleepIn(Syscall.SYS_futex);
            sleeper.Interrupt();
        }

        sleeper.WaitUntilAsleepIn(Syscall.SYS_futex);
        word.Wake(1);
        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Fact]
    public void Wake_NoSuchCount_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParkingWord().Wake(0));
}
