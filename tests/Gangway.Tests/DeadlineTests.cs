// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Tests;

/// <summary>Deadlines: absolute, and right for every time span there is.</summary>
public sealed class DeadlineTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-10_000_000_000)]
    [InlineData(-172_800_000_000_000_000)] // 200,000 days ago: more nanoseconds than 64 bits hold.
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue + 1)]
    [Rule("CA-05")]
    public void After_ZeroOrLess_HasPassed(long ticks)
    {
        Deadline deadline = Deadline.After(TimeSpan.FromTicks(ticks));
        Assert.True(deadline.HasPassed, deadline.Nanoseconds.ToString(CultureInfo.InvariantCulture));
        Assert.False(deadline.IsNever);
    }

    [Theory]
    [InlineData(600_000_000)]
    [InlineData(864_000_000_000)]
    [InlineData(31_536_000_000_000_000)] // 36,500 days.
    [Rule("CA-05")]
    public void After_TimeToCome_HasNotPassedAndIsThatFar(long ticks)
    {
        long before = Deadline.Now;
        Deadline deadline = Deadline.After(TimeSpan.FromTicks(ticks));
        long after = Deadline.Now;
        Assert.False(deadline.HasPassed);
        Assert.False(deadline.IsNever);
        Assert.InRange(deadline.Nanoseconds, before + ticks * 100, after + ticks * 100);
    }

    [Fact]
    public void After_MoreThanAHundredYears_IsNever()
    {
        Assert.True(Deadline.After(TimeSpan.MaxValue).IsNever);
        Assert.True(default(Deadline).IsNever);
        Assert.False(Deadline.Never.HasPassed);
        Assert.Equal(long.MaxValue, Deadline.Never.Nanoseconds);
    }

    [Theory]
    [InlineData(0ul, true, false)]
    [InlineData(1ul, false, true)]
    [InlineData(ulong.MaxValue, false, false)]
    [InlineData((ulong)long.MaxValue + 1, false, false)]
    public void FromWire_AnyWord_IsADeadline(ulong word, bool isNever, bool hasPassed)
    {
        Deadline deadline = Deadline.FromWire(word);
        Assert.Equal(isNever, deadline.IsNever);
        Assert.Equal(hasPassed, deadline.HasPassed);
        Assert.True(deadline.Nanoseconds > 0);
    }
}
