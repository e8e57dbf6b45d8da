// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary><see cref="LaneWriter{TMemory}"/>, or what it would be with a flaw.</summary>
internal sealed class FlawedLaneWriter(Segment own, Segment peer, int offset, LaneGeometry geometry, LaneTreeFlaw flaw)
{
    private readonly LaneWriter<ExplorerMemory> _real = new(own, offset, peer, offset, geometry);
    private readonly PinnedWords _truth = new(geometry.WordBytes / sizeof(ulong));

    /// <summary>What a snapshot puts back.</summary>
    internal LaneWriter<ExplorerMemory> Real => _real;

    private bool IsReal => flaw is not (LaneTreeFlaw.AckBeforeSet or LaneTreeFlaw.NoCount or LaneTreeFlaw.NoHelpToTheRoot
        or LaneTreeFlaw.NoHelpToShow or LaneTreeFlaw.RootFirst);

    internal void Reset() => _truth.Clear();

    internal void Signal(int lane, uint bits)
    {
        if (IsReal)
        {
            _real.Signal(lane, bits);
            return;
        }

        ExplorerMemory.Fence(Order.LaneSignalFence);
        if (flaw == LaneTreeFlaw.RootFirst)
            SignalParents(lane);
        bool wasPending = !TryRaise(geometry.LaneLevel, lane, bits);
        if (flaw != LaneTreeFlaw.RootFirst && !(wasPending && flaw == LaneTreeFlaw.NoHelpToTheRoot))
            SignalParents(lane);
    }

    private void SignalParents(int lane)
    {
        int index = lane;
        for (int level = geometry.LaneLevel - 1; level >= 0; level--)
        {
            uint bit = LaneGeometry.BitOf(index);
            index = LaneGeometry.ParentOf(index);
            TryRaise(level, index, bit);
        }
    }

    /// <returns>False when it was pending.</returns>
    private bool TryRaise(int level, int index, uint bits)
    {
        int place = LaneGeometry.Offset(level, index);
        ref ulong truth = ref _truth[place / sizeof(ulong)];
        ref ulong copy = ref own.Word64(offset + place);
        bool isChanged = false;
        ulong set;
        while (true)
        {
            ulong ack;
            if (flaw == LaneTreeFlaw.AckBeforeSet)
            {
                ack = ExplorerMemory.Read(in peer.Word64(offset + place), Order.LaneAck);
                set = ExplorerMemory.Read(in truth, Order.AnnouncedTruth);
            }
            else
            {
                set = ExplorerMemory.Read(in truth, Order.AnnouncedTruth);
                ack = ExplorerMemory.Read(in peer.Word64(offset + place), Order.LaneAck);
            }

            uint missing = ~(uint)(set ^ ack) & bits;
            if (missing == 0)
                break;
            ulong next = (set + (flaw == LaneTreeFlaw.NoCount ? 0 : LaneGeometry.CountOne)) ^ missing;
            if (ExplorerMemory.CompareExchange(ref truth, next, set, Order.AnnouncedTruth) == set)
            {
                (set, isChanged) = (next, true);
                break;
            }
        }

        bool mustShow = isChanged || flaw != LaneTreeFlaw.NoHelpToShow;
        if (mustShow && ExplorerMemory.Read(in copy, Order.LaneShown) != set)
            AnnouncedWord<ExplorerMemory>.Announce(ref copy, in truth);
        return isChanged;
    }
}
