// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>Wakes are counted and timed; only a peer whose median is far above the others' has its bells coalesced.</summary>
[Rule("SH-06")]
public sealed class WakeMeterTests
{
    private const long Usual = 2_000;
    private const long Dear = 100_000;

    [Fact]
    public void Wakes_AreAllCountedAndOneInSixteenIsTimed()
    {
        WakeMeter meter = new WakeMeters().Add();
        int timed = 0;
        for (int i = 0; i < 160; i++)
        {
            Assert.True(meter.TryBegin(out long started));
            timed += started != 0 ? 1 : 0;
            meter.End(started);
        }

        Assert.Equal((160L, 10), (meter.Wakes, timed));
    }

    [Fact]
    public void Median_OfFewerSamplesThanAWindow_IsNotKnown()
    {
        WakeMeter meter = new WakeMeters().Add();
        Note(meter, Dear, WakeMeter.Samples - 1);
        Assert.Equal(0, meter.MedianNanoseconds);
        meter.Note(Dear);
        Assert.Equal(Dear, meter.MedianNanoseconds);
        Assert.False(meter.IsDear);
    }

    [Theory]
    [InlineData(WakeMeters.LeastNs, 1, false)] // At the least, however cheap the others are.
    [InlineData(WakeMeters.LeastNs + 1, 1, true)]
    [InlineData(8 * 10_000, 10_000, false)] // At eight times.
    [InlineData(8 * 10_000 + 1, 10_000, true)]
    public void Peer_AtAndAboveBothBounds_IsDearOnlyAbove(long its, long others, bool isDear)
    {
        var meters = new WakeMeters();
        WakeMeter meter = meters.Add();
        for (int i = 0; i < 3; i++)
            Note(meters.Add(), others, WakeMeter.Samples);
        Note(meter, its, WakeMeter.Samples);
        Assert.Equal(isDear, meter.IsDear);
    }

    // Seven of fifteen, of whatever length: the waker was preempted, and the peer is not to blame.
    [Fact]
    public void Peer_WithFewerThanHalfItsSamplesLong_IsNotDear()
    {
        (WakeMeter meter, _) = AmongUsual();
        Note(meter, long.MaxValue / 4, 7);
        Note(meter, Usual, 8);
        Assert.Equal(Usual, meter.MedianNanoseconds);
        Assert.False(meter.IsDear);
    }

    [Fact]
    public void Peer_AmongPeersThatAreAllSlow_IsNotDear()
    {
        var meters = new WakeMeters();
        WakeMeter[] all = [.. Enumerable.Range(0, 40).Select(_ => meters.Add())];
        foreach (WakeMeter meter in all)
            Note(meter, Dear, WakeMeter.Samples);
        Assert.DoesNotContain(all, static meter => meter.IsDear);
    }

    [Fact]
    public void DearPeer_IsWokenOnceInAMillisecond_AndBelievedAgainWhenItIsCheap()
    {
        (WakeMeter meter, _) = AmongUsual();
        Note(meter, Dear, WakeMeter.Samples);
        Assert.True(meter.IsDear);

        long now = 5_000_000_000;
        Assert.True(meter.TryBegin(now, out long started));
        Assert.Equal(now, started); // Each is timed now.
        Assert.False(meter.TryBegin(now + WakeMeter.ApartNs - 1, out _));
        Assert.True(meter.TryBegin(now + WakeMeter.ApartNs, out _));
        Assert.Equal(2, meter.Wakes);

        Note(meter, Usual, 7);
        Assert.True(meter.IsDear);
        meter.Note(Usual);
        Assert.False(meter.IsDear);
        Assert.True(meter.TryBegin(now + WakeMeter.ApartNs + 1, out _));
    }

    [Fact]
    public void Peer_ThatHasGone_NoLongerSaysWhatIsUsual()
    {
        (WakeMeter meter, WakeMeter other) = AmongUsual();
        Note(meter, Dear, WakeMeter.Samples);
        Assert.True(meter.IsDear);
        var meters = (WakeMeters)Insides.Field(meter, "<others>P");
        meters.Remove(other);
        meter.Note(Dear);
        Assert.False(meter.IsDear);
    }

    [Fact]
    public void Meter_OfManyThreads_CountsAllAndAllocatesNothing()
    {
        (WakeMeter meter, _) = AmongUsual();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => Wake(meter, 10_000)))];
        Wake(meter, 1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Wake(meter, 10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => Watchdog.Join(thread));
        Assert.Equal(51_000, meter.Wakes);
    }

    private static (WakeMeter Meter, WakeMeter Other) AmongUsual()
    {
        var meters = new WakeMeters();
        WakeMeter other = meters.Add();
        Note(other, Usual, WakeMeter.Samples);
        return (meters.Add(), other);
    }

    private static void Note(WakeMeter meter, long nanoseconds, int times)
    {
        for (int i = 0; i < times; i++)
            meter.Note(nanoseconds);
    }

    private static void Wake(WakeMeter meter, int times)
    {
        for (int i = 0; i < times; i++)
        {
            // A cheap wake: whatever this thread's processor does in between, half of them are.
            if (meter.TryBegin(out long started))
                meter.End(started);
        }
    }
}
