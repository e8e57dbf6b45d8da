// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Reply slots: what is published is taken once, lies about generation and length are found out.</summary>
public sealed class ReplySlotTests(ITestOutputHelper output) : IDisposable
{
    // The writer's segment is the replier's, the reader's the caller's.
    private readonly Connection _segments = new();
    private readonly byte[] _buffer = new byte[SegmentLayout.ReplyBytes];

    private ReplyWriter<ProcessMemory> Replier => new(_segments.Writers, _segments.Readers);

    private ReplyReader<ProcessMemory> Caller => new(_segments.Writers, _segments.Readers);

    public void Dispose() => _segments.Dispose();

    [Fact]
    public void Reply_OfEveryLengthInEverySlot_IsTakenByteForByte()
    {
        Random random = Seed.Take(output).Random();
        ulong[] previous = new ulong[SegmentLayout.SlotCount];
        for (int length = 0; length <= SegmentLayout.ReplyBytes; length++)
        {
            int slot = random.Next(SegmentLayout.SlotCount);
            ulong generation = ReplyHeader.Generation(previous[slot]) + (ulong)random.NextInt64(1, 1L << 30);
            byte[] payload = new byte[length];
            random.NextBytes(payload);
            ushort status = (ushort)random.Next(ushort.MaxValue + 1);

            Assert.False(Caller.HasReply(slot, previous[slot]));
            Assert.Equal(ReplyRead.Pending, Caller.TryTake(slot, generation, ref previous[slot], _buffer, out _));
            Assert.Equal(ReplyWaiting.Polling, Replier.Publish(slot, generation, status, payload));
            Assert.True(Caller.HasReply(slot, previous[slot]));
            Assert.Equal(ReplyRead.Taken, Caller.TryTake(slot, generation, ref previous[slot], _buffer, out int taken));
            Assert.Equal(length, taken);
            Assert.Equal(payload, _buffer[..taken]);
            Assert.Equal(status, ReplyHeader.Status(previous[slot]));
            Assert.Equal(generation, ReplyHeader.Generation(previous[slot]));
            Assert.Equal(ReplyRead.Pending, Caller.TryTake(slot, generation, ref previous[slot], _buffer, out _));
        }
    }

    [Fact]
    public void Look_AfterManyReplies_SaysWhoSleepsAndWhoHasGoneOn()
    {
        ReplyReader<ProcessMemory> caller = Caller;
        caller.TryWait(3, 0, ReplyWaiting.Parked);
        caller.TryWait(40, 0, ReplyWaiting.Announce);
        caller.Cancel(63);
        ulong slots = 0;
        foreach (int slot in (int[])[0, 3, 7, 40, 63])
        {
            Replier.Show(slot, 1, 0);
            Assert.True(caller.HasReply(slot, 0));
            slots |= 1UL << slot;
        }

        Assert.Equal(1UL << 40 | 1UL << 63, Replier.Look(slots, out ulong parked));
        Assert.Equal(1UL << 3, parked);
        Assert.Equal(0ul, Replier.Look(1UL << 5, out parked));
        Assert.Equal(0ul, parked);
    }

    [Fact]
    [Rule("CA-04")]
    public void Reply_LargerThanTheBuffer_IsTakenWithItsLengthAndCopiesNothing()
    {
        ulong previous = 0;
        Replier.Publish(5, 1, 0, new byte[100]);
        byte[] small = Enumerable.Repeat((byte)0xEE, 99).ToArray();
        Assert.Equal(ReplyRead.Taken, Caller.TryTake(5, 1, ref previous, small, out int length));
        Assert.Equal(100, length);
        Assert.All(small, static value => Assert.Equal(0xEE, value));
    }

    [Theory]
    [InlineData(6ul, 0, true)] // The awaited one.
    [InlineData(5ul, 0, false)] // The last one with another status.
    [InlineData(4ul, 7, false)]
    [InlineData(7ul, 0, false)]
    [InlineData(0ul, 0, false)] // Taken back.
    [InlineData(0ul, 1, false)]
    [InlineData(RecordHeader.GenerationMask, 0, false)]
    [Rule("SH-05")]
    [Rule("CA-03")]
    public void FirstWord_OfAnyGeneration_IsTheAwaitedOneOrAFault(ulong generation, int status, bool isTaken)
    {
        ulong previous = ReplyHeader.Pack(5, 3);
        ulong before = previous;
        _segments.Writers.Word64(ReplyHeader.SlotOffset(9)) = ReplyHeader.Pack(generation, (ushort)status);
        ReplyRead read = Caller.TryTake(9, 6, ref previous, _buffer, out _);
        Assert.Equal(isTaken ? ReplyRead.Taken : ReplyRead.PeerFault, read);
        Assert.Equal(isTaken ? ReplyHeader.Pack(6, 0) : before, previous);
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(240u, true)]
    [InlineData(241u, false)]
    [InlineData(256u, false)]
    [InlineData(65_535u, false)]
    [InlineData(0x7FFF_FFFFu, false)]
    [InlineData(0x8000_0000u, false)]
    [InlineData(0xFFFF_FFFFu, false)]
    [Rule("SH-05")]
    public void Length_OverTheBound_IsAFaultAndCopiesNothing(uint length, bool isTaken)
    {
        ulong previous = 0;
        int offset = ReplyHeader.SlotOffset(63);
        _segments.Writers.Word32(offset + 8) = length;
        _segments.Writers.Word64(offset) = ReplyHeader.Pack(1, 0);
        byte[] buffer = Enumerable.Repeat((byte)0xEE, 1000).ToArray();
        ReplyRead read = Caller.TryTake(63, 1, ref previous, buffer, out int taken);
        Assert.Equal(isTaken ? ReplyRead.Taken : ReplyRead.PeerFault, read);
        Assert.Equal(isTaken ? (int)length : 0, taken);
        Assert.All(buffer[taken..], static value => Assert.Equal(0xEE, value));
    }

    [Fact]
    public void TryWait_AfterTheReply_SaysThatNobodyWillTell()
    {
        Assert.True(Caller.TryWait(3, 0, ReplyWaiting.Parked));
        Assert.Equal(ReplyWaiting.Parked, Replier.Publish(3, 1, 0, []));
        Assert.False(Caller.TryWait(3, 0, ReplyWaiting.Announce));
        Assert.Equal(ReplyWaiting.Announce, Replier.Publish(3, 2, 0, []));
        Caller.Poll(3);
        Assert.Equal(ReplyWaiting.Polling, Replier.Publish(3, 3, 0, []));
    }

    [Fact]
    public void Reply_OfOneSlot_TouchesNoOther()
    {
        Replier.Publish(31, 1, 0xFFFF, Enumerable.Repeat((byte)0xFF, SegmentLayout.ReplyBytes).ToArray());
        for (int offset = 0; offset < SegmentLayout.SegmentBytes; offset += sizeof(ulong))
        {
            bool isSlot = offset >= ReplyHeader.SlotOffset(31) && offset < ReplyHeader.SlotOffset(32);
            Assert.True(isSlot || _segments.Writers.Word64(offset) == 0, $"offset {offset}");
            Assert.Equal(0ul, _segments.Readers.Word64(offset));
        }
    }

    [Fact]
    public void Bell_RingsOncePerSleepAndNeverForOneAwake()
    {
        var sleeper = new Sleeper<ProcessMemory>(_segments.Readers);
        var bell = new Bell<ProcessMemory>(_segments.Readers);
        Assert.False(bell.MustRing(out _));
        for (int i = 0; i < 10; i++)
        {
            sleeper.Announce();
            Assert.True(bell.MustRing(out uint sleep));
            Assert.True(bell.MustRing(out _));
            bell.MarkRung(sleep);
            Assert.False(bell.MustRing(out _));
            sleeper.Wake();
            Assert.False(bell.MustRing(out _));
        }
    }

    [Fact]
    public void Wish_AnnouncedAndWithdrawn_IsWhatThePeerSees()
    {
        var ours = new SpaceWish<ProcessMemory>(_segments.Readers, _segments.Writers);
        var theirs = new SpaceWish<ProcessMemory>(_segments.Writers, _segments.Readers);
        Assert.False(theirs.PeerWaits());
        ours.Announce();
        Assert.True(theirs.PeerWaits());
        Assert.False(ours.PeerWaits());
        ours.Withdraw();
        Assert.False(theirs.PeerWaits());
    }
}
