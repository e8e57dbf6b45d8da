// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The two segments of a lane tree, with a writer and a reader.</summary>
internal sealed class LaneTree : IDisposable
{
    // The roots do not start where the segment does, and a forbidden page lies right behind the last lane.
    private const int SetOffset = 128;
    private const int AckOffset = 64;

    private readonly GuardedMemory _sendersMemory;
    private readonly GuardedMemory _receiversMemory;
    private readonly Segment _senders;
    private readonly Segment _receivers;

    /// <param name="lanes">How many the geometry has at least.</param>
    /// <param name="granted">How many are granted, with all bits; -1 for all.</param>
    internal LaneTree(int lanes, int granted = -1)
    {
        Geometry = LaneGeometry.ForLanes(lanes)!;
        _sendersMemory = new GuardedMemory(SetOffset + Geometry.WordBytes);
        _receiversMemory = new GuardedMemory(AckOffset + Geometry.WordBytes);
        _senders = new Segment(_sendersMemory, SetOffset + Geometry.WordBytes);
        _receivers = new Segment(_receiversMemory, AckOffset + Geometry.WordBytes);
        Writer = new LaneWriter<CountingMemory>(_senders, SetOffset, _receivers, AckOffset, Geometry);
        Reader = new LaneReader<CountingMemory>(_senders, SetOffset, _receivers, AckOffset, Geometry);
        for (int i = 0; i < (granted < 0 ? Geometry.Lanes : granted); i++)
            Assert.Equal(i, Reader.Grant(uint.MaxValue));
    }

    internal LaneGeometry Geometry { get; }

    internal LaneWriter<CountingMemory> Writer { get; }

    internal LaneReader<CountingMemory> Reader { get; }

    internal ref ulong Set(int level, int index) => ref _senders.Word64(SetOffset + LaneGeometry.Offset(level, index));

    internal ref ulong Ack(int level, int index) => ref _receivers.Word64(AckOffset + LaneGeometry.Offset(level, index));

    /// <summary>Everything that is pending, in the order in which it is taken, some at a time.</summary>
    internal List<LaneSignal> TakeAll(int budget = 16)
    {
        var all = new List<LaneSignal>();
        var some = new LaneSignal[budget];
        while (Reader.HasSignals())
            all.AddRange(some.AsSpan(0, Reader.Take(some)));
        return all;
    }

    public void Dispose()
    {
        _senders.Dispose();
        _receivers.Dispose();
        _sendersMemory.Dispose();
        _receiversMemory.Dispose();
    }
}
