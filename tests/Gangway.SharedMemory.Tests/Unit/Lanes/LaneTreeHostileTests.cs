// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>A peer that writes what it likes into lane words: it gets no lane that was not granted, and keeps nobody.</summary>
[Rule("SH-05")]
public sealed class LaneTreeHostileTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(256, 0)]
    [InlineData(256, 100)]
    [InlineData(8192, 1)]
    [InlineData(8192, 8192)]
    [InlineData(262_144, 5000)]
    public void Take_OfRandomWords_StaysInsideWhatWasGranted(int lanes, int granted)
    {
        using var tree = new LaneTree(lanes, granted);
        Random random = Seed.Take(output).Random();
        uint[] permitted = new uint[granted];
        for (int lane = 0; lane < granted; lane++)
            tree.Reader.Permit(lane, permitted[lane] = (uint)random.NextInt64(1L << 32));
        var signals = new LaneSignal[20];
        long delivered = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 5_000; round++)
        {
            for (int i = random.Next(30); i > 0; i--)
            {
                int level = random.Next(tree.Geometry.Levels);
                int words = LaneGeometry.WordsOf(level);
                int index = random.Next(2) == 0 ? random.Next(words) : random.Next(Math.Min(words, (granted >> tree.Geometry.ShiftOf(level)) + 1));
                tree.Set(level, index) = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            }

            Span<LaneSignal> batch = signals.AsSpan(0, random.Next(signals.Length + 1));
            long reads = CountingMemory.Reads;
            int taken = tree.Reader.Take(batch);
            long readsMax = LaneGeometry.Roots + Math.Max((long)batch.Length * tree.Geometry.Levels - 1, 0);
            Check(CountingMemory.Reads - reads <= readsMax, "a turn keeps to its budget");
            foreach (LaneSignal signal in batch[..taken])
            {
                Check(signal.Lane >= 0 && signal.Lane < granted, "only granted lanes are delivered");
                Check(signal.Bits != 0 && (signal.Bits & ~permitted[signal.Lane]) == 0, "only permitted bits are");
                Check(signal.Count >= 1, "the count is at least one");
                delivered++;
            }
        }

        Assert.Equal(allocated, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(granted == 0 || delivered > 100, $"{delivered} signals: the words are not random enough");
        Assert.True(tree.Reader.FalseAnnouncements > 100, "what was announced for nothing is counted");
    }

    [Fact]
    public void Take_WhileAllIsAnnounced_ServesThoseThatAreSignalled()
    {
        // All parents say that all children are pending, again and again; one lane is.
        using var tree = new LaneTree(8192);
        var signals = new LaneSignal[1];
        int served = 0;
        for (int turn = 0; turn < 20_000 && served < 2; turn++)
        {
            for (int root = 0; root < LaneGeometry.Roots; root++)
                tree.Set(0, root) = ~tree.Ack(0, root);
            for (int parent = 0; parent < LaneGeometry.WordsOf(1); parent++)
                tree.Set(1, parent) = ~tree.Ack(1, parent);
            tree.Set(2, 6000) = ~tree.Ack(2, 6000);
            served += tree.Reader.Take(signals);
            Assert.True(served == 0 || signals[0].Lane == 6000);
        }

        Assert.Equal(2, served);
        Assert.True(tree.Reader.FalseAnnouncements > 8000, "the others are counted");
    }

    [Fact]
    public void Signal_WhenThePeerSpoiledOurWords_ShowsTheTruthAgain()
    {
        using var tree = new LaneTree(256);
        tree.Writer.Signal(3, 1);
        tree.Set(1, 3) = 0xDEAD_BEEF_DEAD_BEEF;
        tree.Set(0, 0) = 0;
        tree.Writer.Signal(3, 1);
        Assert.Equal(LaneGeometry.CountOne | 1, tree.Set(1, 3));
        Assert.Equal(LaneGeometry.CountOne | 8, tree.Set(0, 0));
        Assert.Equal([new LaneSignal(3, 1, 1)], tree.TakeAll());
    }

    [Fact]
    public async Task Signal_WhileThePeerRewritesBothWords_Returns()
    {
        using var tree = new LaneTree(256);
        using CancellationTokenSource stop = new();
        Task hostile = Task.Run(() =>
        {
            for (ulong value = 1; !stop.IsCancellationRequested; value += 0x9E37_79B9_7F4A_7C15)
            {
                Volatile.Write(ref tree.Set(1, 3), value);
                Volatile.Write(ref tree.Set(0, 0), ~value);
                Volatile.Write(ref tree.Ack(1, 3), value >> 7);
                Volatile.Write(ref tree.Ack(0, 0), value << 7);
            }
        });
        Watchdog.Run(() =>
        {
            for (int i = 0; i < 200_000; i++)
            {
                long locked = CountingMemory.Locked;
                tree.Writer.Signal(3, 1u << (i & 31));
                Check(CountingMemory.Locked - locked <= 1 + 2 * 3, "what a signal costs is not the peer's choice");
            }
        });
        await stop.CancelAsync();
        await hostile;
    }

    /// <summary>Makes no text where nothing is wrong: it would be counted as an allocation.</summary>
    private static void Check(bool holds, string promise)
    {
        if (!holds)
            Assert.Fail(promise);
    }
}
