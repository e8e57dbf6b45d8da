// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>What is signalled in a lane is taken once, in rotation, and nothing else is read.</summary>
public sealed class LaneSignalTests
{
    [Theory]
    [InlineData(256)]
    [InlineData(8192)]
    [InlineData(262_144)]
    [Rule("EV-02")]
    public void Signal_OfEachLane_IsTakenOnce(int lanes)
    {
        using var tree = new LaneTree(lanes);
        int step = Math.Max(lanes / 1024, 1);
        for (int lane = step - 1; lane < lanes; lane += step)
        {
            Assert.False(tree.Reader.HasSignals());
            tree.Writer.Signal(lane, 0x8000_0001);
            Assert.True(tree.Reader.HasSignals());
            Assert.Equal([new LaneSignal(lane, 0x8000_0001, 1)], tree.TakeAll());
        }

        Assert.Equal(0ul, tree.Reader.FalseAnnouncements);
    }

    [Theory]
    [InlineData(256, 1)]
    [InlineData(8192, 7)]
    [InlineData(262_144, 1000)]
    [Rule("EV-02")]
    public void Signal_OfAllLanesTwice_IsTakenOnceEach(int lanes, int budget)
    {
        using var tree = new LaneTree(lanes);
        for (int round = 0; round < 2; round++)
        {
            for (int lane = 0; lane < lanes; lane++)
                tree.Writer.Signal(lane, 1u << (lane & 31));
        }

        List<LaneSignal> all = tree.TakeAll(budget);
        Assert.Equal(lanes, all.Count);
        for (int lane = 0; lane < lanes; lane++)
            Assert.Equal(new LaneSignal(lane, 1u << (lane & 31), 1), all[lane]);
    }

    [Fact]
    [Rule("EV-02")]
    public void Signal_OfMoreBits_ComesTogetherWithACount()
    {
        using var tree = new LaneTree(256);
        tree.Writer.Signal(7, 1);
        tree.Writer.Signal(7, 6);
        tree.Writer.Signal(7, 3);
        tree.Writer.Signal(7, 8 | 1);
        Assert.Equal([new LaneSignal(7, 15, 3)], tree.TakeAll());
        tree.Writer.Signal(7, 2);
        Assert.Equal([new LaneSignal(7, 2, 1)], tree.TakeAll());
    }

    [Fact]
    public void Signal_OfNoBit_DoesNothing()
    {
        using var tree = new LaneTree(256);
        tree.Writer.Signal(7, 0);
        Assert.False(tree.Reader.HasSignals());
        Assert.Equal(0ul, tree.Set(1, 7));
    }

    [Fact]
    public void Signal_OutOfRange_IsRefused()
    {
        using var tree = new LaneTree(256);
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Writer.Signal(256, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Writer.Signal(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Reader.Permit(256, 1));
        Assert.Equal(-1, tree.Reader.Grant(1));
    }

    [Fact]
    public void Signal_WhereTheCountWraps_KeepsItsBits()
    {
        using var tree = new LaneTree(256);
        tree.Set(0, 0) = 1;
        tree.Set(1, 0) = 0xFFFF_FFFF_0000_0001;
        Assert.Equal([new LaneSignal(0, 1, uint.MaxValue)], tree.TakeAll());
        tree.Set(0, 0) = 0;
        tree.Set(1, 0) = 0x0000_0001_0000_0002;
        Assert.Equal([new LaneSignal(0, 3, 2)], tree.TakeAll());
    }

    [Fact]
    [Rule("EV-02")]
    public void Take_OfAWordThatDoesNotCount_SaysOne()
    {
        using var tree = new LaneTree(256);
        tree.Set(0, 0) = 1;
        tree.Set(1, 0) = 4;
        Assert.Equal([new LaneSignal(0, 4, 1)], tree.TakeAll());
    }

    [Theory]
    [InlineData(256, 2)]
    [InlineData(262_144, 4)]
    [Rule("EV-01")]
    [Rule("EV-24")]
    public void Signal_ThatIsPendingAlready_ChangesNoWord(int lanes, int levels)
    {
        using var tree = new LaneTree(lanes);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long before = CountingMemory.Locked;
        tree.Writer.Signal(100, 1);
        long first = CountingMemory.Locked;
        for (int i = 0; i < 1000; i++)
            tree.Writer.Signal(100, 1);
        long last = CountingMemory.Locked;
        Assert.Equal(allocated, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1 + 2 * levels, first - before);
        Assert.Equal(1000, last - first);
        Assert.Equal(LaneGeometry.CountOne | 1, tree.Set(levels - 1, 100));
    }

    [Theory]
    [InlineData(256, 2)]
    [InlineData(8192, 3)]
    [InlineData(262_144, 4)]
    [Rule("EV-24")]
    public void Take_OfOneLane_ReadsTheRootsAndItsWayOnly(int lanes, int levels)
    {
        using var tree = new LaneTree(lanes);
        var signals = new LaneSignal[64];
        tree.Writer.Signal(lanes - 1, 1);
        long reads = CountingMemory.Reads;
        Assert.Equal(1, tree.Reader.Take(signals));
        Assert.Equal(LaneGeometry.Roots + levels - 1, CountingMemory.Reads - reads);
        reads = CountingMemory.Reads;
        Assert.Equal(0, tree.Reader.Take(signals));
        Assert.False(tree.Reader.HasSignals());
        Assert.Equal(2 * LaneGeometry.Roots, CountingMemory.Reads - reads);
    }

    [Theory]
    [InlineData(256, 3)]
    [InlineData(8192, 1)]
    [InlineData(262_144, 7)]
    [Rule("EV-18")]
    public void Take_OfLanesThatAreAlwaysSignalled_ServesAllEqually(int lanes, int budget)
    {
        using var tree = new LaneTree(lanes);
        int[] busy = [.. Enumerable.Range(0, 40).Select(i => (int)((long)i * i * (lanes - 1) / (39 * 39))).Distinct()];
        Dictionary<int, int> served = busy.ToDictionary(static lane => lane, static _ => 0);
        var signals = new LaneSignal[budget];
        int total = 0;
        while (total < 100 * busy.Length)
        {
            foreach (int lane in busy)
                tree.Writer.Signal(lane, 1);
            int taken = tree.Reader.Take(signals);
            Assert.True(taken > 0, "each turn gets on");
            total += taken;
            foreach (LaneSignal signal in signals.AsSpan(0, taken))
                served[signal.Lane]++;
            Assert.InRange(served.Values.Max() - served.Values.Min(), 0, 1);
        }
    }

    [Fact]
    public void Take_WithABudget_GoesOnLater()
    {
        using var tree = new LaneTree(8192);
        foreach (int lane in (int[])[5, 6, 40, 8000])
            tree.Writer.Signal(lane, 1);
        var signals = new LaneSignal[3];
        Assert.Equal(3, tree.Reader.Take(signals));
        Assert.Equal([5, 6, 40], signals.Select(static signal => signal.Lane));
        Assert.True(tree.Reader.HasSignals());

        // What comes where the turn has passed waits for those before it. It has passed what is below 41's parent.
        tree.Writer.Signal(5, 1);
        tree.Writer.Signal(41, 1);
        tree.Writer.Signal(8001, 1);
        Assert.Equal(3, tree.Reader.Take(signals));
        Assert.Equal([8000, 8001, 5], signals.Select(static signal => signal.Lane));
        Assert.True(tree.Reader.HasSignals());
        Assert.Equal(1, tree.Reader.Take(signals));
        Assert.Equal([41, 8001, 5], signals.Select(static signal => signal.Lane));
        Assert.False(tree.Reader.HasSignals());
        Assert.Equal(0, tree.Reader.Take([]));
    }

    [Fact]
    public void Take_IntoNoSpace_LosesNothing()
    {
        using var tree = new LaneTree(256);
        tree.Writer.Signal(200, 1);
        Assert.Equal(0, tree.Reader.Take([]));
        Assert.True(tree.Reader.HasSignals());
        Assert.Equal([new LaneSignal(200, 1, 1)], tree.TakeAll());
    }

    [Fact]
    public void Permit_OfSomeBits_DropsTheOthers()
    {
        using var tree = new LaneTree(256, granted: 3);
        tree.Reader.Permit(1, 0xF0);
        tree.Writer.Signal(1, 0x1F);
        tree.Writer.Signal(2, 1);
        Assert.Equal([new LaneSignal(1, 0x10, 1), new LaneSignal(2, 1, 1)], tree.TakeAll());

        // The whole word was acknowledged, so a bit that is not permitted is in nobody's way.
        Assert.Equal(tree.Set(1, 1), tree.Ack(1, 1));
        tree.Writer.Signal(1, 0x0F);
        Assert.Empty(tree.TakeAll());
        tree.Reader.Permit(1, 0);
        tree.Writer.Signal(1, 0xFF);
        Assert.Empty(tree.TakeAll());
        Assert.False(tree.Reader.HasSignals());
        Assert.Equal(0ul, tree.Reader.FalseAnnouncements);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(8192)]
    [InlineData(262_144)]
    public void Signal_OfALaneThatWasNotGranted_IsCounted(int lanes)
    {
        using var tree = new LaneTree(lanes, granted: 40);
        tree.Writer.Signal(40, 1);
        tree.Writer.Signal(lanes - 1, 1);
        Assert.Empty(tree.TakeAll());
        Assert.Equal(2ul, tree.Reader.FalseAnnouncements);
        tree.Writer.Signal(39, 1);
        Assert.Equal([new LaneSignal(39, 1, 1)], tree.TakeAll());

        // Granted now: what is signalled again comes, with what was signalled before.
        Assert.Equal(40, tree.Reader.Grant(uint.MaxValue));
        tree.Writer.Signal(40, 2);
        Assert.Equal([new LaneSignal(40, 3, 2)], tree.TakeAll());
        Assert.Equal(2ul, tree.Reader.FalseAnnouncements);
    }
}
