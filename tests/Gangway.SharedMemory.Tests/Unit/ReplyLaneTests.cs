// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Reply lanes and cancels: what is signalled is taken, and whatever a peer writes there hurts nobody else.</summary>
public sealed class ReplyLaneTests : IDisposable
{
    // The writer's segment is the replier's, the reader's the caller's.
    private readonly Connection _segments = new();
    private readonly ReplyLaneWriter<ProcessMemory> _writer;
    private readonly ReplyLaneReader<ProcessMemory> _reader;
    private readonly ReplyReader<ProcessMemory> _caller;
    private readonly CancelReader<ProcessMemory> _cancels;

    public ReplyLaneTests()
    {
        _writer = new(_segments.Writers, _segments.Readers);
        _reader = new(_segments.Writers, _segments.Readers);
        _caller = new(_segments.Writers, _segments.Readers);
        _cancels = new(_segments.Readers);
    }

    public void Dispose() => _segments.Dispose();

    [Fact]
    public void Signal_EachSlot_IsTakenOnce()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int slot = 0; slot < SegmentLayout.SlotCount; slot++)
            {
                Assert.False(_reader.HasSignals());
                _writer.Signal(slot);
                Assert.True(_reader.HasSignals());
                Assert.Equal(1ul << slot, _reader.Take());
                Assert.Equal(0ul, _reader.Take());
            }
        }
    }

    [Fact]
    public void Signal_OfAllSlotsTwice_IsTakenAtOnce()
    {
        for (int i = 0; i < 2 * SegmentLayout.SlotCount; i++)
            _writer.Signal(i % SegmentLayout.SlotCount);
        Assert.Equal(ulong.MaxValue, _reader.Take());
        Assert.False(_reader.HasSignals());
    }

    [Fact]
    public void Signal_CountThatWraps_KeepsItsBits()
    {
        // 2^32 signals would take minutes: two words side by side show that the count carries into nothing.
        _writer.Signal(31);
        _writer.Signal(31);
        Assert.Equal(2ul << 32 | 1ul << 31, Set(0));
        Assert.Equal(0ul, Set(1));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x1234_5678_9ABC_DEF0ul)]
    [Rule("SH-05")]
    public void Take_OfAnyWord_GivesBitsAndAcknowledgesThem(ulong word)
    {
        Set(0) = word;
        Set(1) = ~word;
        Assert.Equal((uint)word | (ulong)(uint)~word << 32, _reader.Take());
        Assert.Equal((uint)word, (uint)Ack(0));
        Assert.Equal((uint)~word, (uint)Ack(1));
        Assert.False(_reader.HasSignals());
    }

    [Fact]
    [Rule("SH-05")]
    public void Signal_WhenThePeerSpoiledOurWord_ShowsTheTruthAgain()
    {
        _writer.Signal(3);
        Set(0) = 0xDEAD_BEEF_DEAD_BEEF;
        Ack(0) = 0;
        _writer.Signal(4);
        Assert.Equal(2ul << 32 | 0x18, Set(0));
    }

    [Fact]
    [Rule("SH-05")]
    public async Task Signal_WhileThePeerRewritesBothWords_Returns()
    {
        using CancellationTokenSource stop = new();
        Task hostile = Task.Run(() =>
        {
            for (ulong value = 1; !stop.IsCancellationRequested; value += 0x9E37_79B9_7F4A_7C15)
            {
                Volatile.Write(ref Set(0), value);
                Volatile.Write(ref Ack(0), ~value);
                Volatile.Write(ref _segments.Readers.Word64(SegmentLayout.CancelsOffset), value);
            }
        });
        Watchdog.Run(() =>
        {
            for (int i = 0; i < 200_000; i++)
            {
                _writer.Signal(i & 31);
                _caller.Cancel(i & 63);
            }
        });
        await stop.CancelAsync();
        await hostile;
        _writer.Signal(0);
        Assert.Equal(200_001u, (uint)(Set(0) >> 32));
        _caller.Cancel(0);
        Assert.Equal(200_001ul, _segments.Readers.Word64(SegmentLayout.CancelsOffset));
    }

    [Fact]
    public void Cancel_OfASlot_IsSeenUntilTheSlotPolls()
    {
        Assert.False(_cancels.HasCancels());
        _caller.Cancel(7);
        Assert.True(_cancels.HasCancels());
        Assert.True(_cancels.TryTake());
        Assert.False(_cancels.TryTake());
        Assert.True(_cancels.IsCancelled(7));
        Assert.False(_cancels.IsCancelled(6));
        _caller.Poll(7);
        Assert.False(_cancels.IsCancelled(7));
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(1u, 1)]
    [InlineData(2u, 2)]
    [InlineData(3u, 0)]
    [InlineData(4u, 0)]
    [InlineData(5u, 1)]
    [InlineData(6u, 2)]
    [InlineData(0xFFFF_FFFEu, 2)]
    [InlineData(0xFFFF_FFFFu, 0)]
    [Rule("SH-05")]
    public void Publish_ToAnyWaitingWord_SaysHowByItsLowBits(uint waiting, int how)
    {
        _segments.Readers.Word32(ReplyHeader.WaitingOffset(9)) = waiting;
        ReplyWriter<ProcessMemory> replier = new(_segments.Writers, _segments.Readers);
        Assert.Equal((ReplyWaiting)how, replier.Publish(9, 1, 0, []));
    }

    private ref ulong Set(int word) => ref _segments.Writers.Word64(ReplyLanes.SetOffset(word));

    private ref ulong Ack(int word) => ref _segments.Readers.Word64(ReplyLanes.AckOffset(word));
}
