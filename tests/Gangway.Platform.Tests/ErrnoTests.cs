// SPDX-License-Identifier: MIT

namespace Gangway.Platform.Tests;

public sealed class ErrnoTests
{
    [Fact]
    public void Describe_KnownError_NamesItAndSaysIt() =>
        Assert.Equal("ECONNREFUSED (Connection refused)", Errno.ECONNREFUSED.Describe());

    [Fact]
    public void Describe_UnknownError_GivesItsNumber() =>
        Assert.StartsWith("errno 4000 (", ((Errno)4000).Describe(), StringComparison.Ordinal);

    [Fact]
    public void Describe_NoError_SaysSo() => Assert.Equal("no error", Errno.None.Describe());

    [Fact]
    public void Deadlines_OnThisRuntime_AreStopwatchTimestamps()
    {
        // What every deadline in Platform rests on: the stopwatch is CLOCK_MONOTONIC in nanoseconds.
        Assert.Equal(1_000_000_000, System.Diagnostics.Stopwatch.Frequency);
        Assert.Equal(0, Timespec.Until(System.Diagnostics.Stopwatch.GetTimestamp()));
        Assert.Equal(0, Timespec.Until(-5));
        Assert.Equal(Timespec.Never, Timespec.Until(Timespec.Never));
        Assert.InRange(Timespec.Until(System.Diagnostics.Stopwatch.GetTimestamp() + Timespec.FromNanoseconds(3_500_000_000).tv_nsec), 0, 500_000_000);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(999_999_999, 0, 999_999_999)]
    [InlineData(1_000_000_000, 1, 0)]
    [InlineData(long.MaxValue, 9_223_372_036, 854_775_807)]
    public void Timespec_FromNanoseconds_IsNeverNegativeAndNormalized(long nanoseconds, long seconds, long rest)
    {
        Timespec time = Timespec.FromNanoseconds(nanoseconds);
        Assert.Equal((seconds, rest), (time.tv_sec, time.tv_nsec));
    }
}
