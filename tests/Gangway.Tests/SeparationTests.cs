// SPDX-License-Identifier: MIT

using Xunit;
using static Gangway.Separation;

namespace Gangway.Tests;

/// <summary>When a caller leaves the processor that it shares with its peer.</summary>
public sealed class SeparationTests
{
    private const long Quick = 10_000; // Nanoseconds from wait to wait.
    private const long Slow = 1_000_000;

    private SharedWaits _waits;
    private long _now = 1_000_000_000_000;

    [Fact]
    public void QuickWaits_LeaveOnce_SlowOnesNever()
    {
        Assert.Equal(0, Wait(SharedWaits.Most * 10, Slow));
        Assert.Equal(1, Wait(SharedWaits.Most * 2, Quick));
        Assert.Equal(0, Wait(SharedWaits.Most * 10, Quick)); // 6 ms: not again so soon.
    }

    [Fact]
    public void WhoMeetsAgainAtOnce_LeavesSeldomAndSeldomer()
    {
        int left = Wait((int)(10_000_000_000 / Quick), Quick);
        Assert.InRange(left, 7, 20); // 10, 20, 40, ... ms, then once a second.
    }

    [Fact]
    public void WhoDidNotMeetForLong_LeavesAtOnce()
    {
        Wait((int)(10_000_000_000 / Quick), Quick);
        _now += 10 * SharedWaits.PauseMaxNs;
        Wait(SharedWaits.Most, Quick);
        Assert.Equal(1, Wait(SharedWaits.Most * 2, Quick));
    }

    private int Wait(int times, long apart)
    {
        int left = 0;
        for (int i = 0; i < times; i++)
            left += _waits.Note(_now += apart) ? 1 : 0;
        return left;
    }
}
