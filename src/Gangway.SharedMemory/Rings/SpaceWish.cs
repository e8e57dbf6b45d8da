// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The two words with which each side says to the other that it waits for space or credit.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
internal sealed class SpaceWish<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A refused sender writes its wish, fences, and looks at the peer's head and done once more. A reader publishes head
    // and done, fences, and reads the wish. So at least one of the two sees the other.
    // Proof: docs/memory-ordering/space.md, verify/space.pml.

    private readonly Segment _own;
    private readonly Segment _peer;

    /// <summary>Starts without a wish.</summary>
    internal SpaceWish(Segment own, Segment peer)
    {
        _own = own;
        _peer = peer;
    }

    /// <summary>Says that we wait. The caller looks at head and done once more before it sleeps.</summary>
    internal void Announce()
    {
        // ORDER(SpaceWanted): before our last look, by the fence below.
        TMemory.Write(ref _own.Word32(SegmentLayout.WantedOffset), 1, Order.SpaceWanted);

        // ORDER(SpaceWantedFence): full fence. The wish comes before our last look at head and done.
        TMemory.Fence(Order.SpaceWantedFence);
    }

    /// <summary>Takes the wish back. The caller then looks whether somebody has it still, whose wish this may have covered.</summary>
    internal void Withdraw()
    {
        TMemory.Write(ref _own.Word32(SegmentLayout.WantedOffset), 0, Order.SpaceWanted);

        // ORDER(SpaceWithdrawFence): full fence. The withdrawal comes before the look at who else waits.
        TMemory.Fence(Order.SpaceWithdrawFence);
    }

    /// <summary>Whether the peer waits for the space that was just given back.</summary>
    internal bool PeerWaits()
    {
        // ORDER(SpaceHeadFence): full fence. Our head and done come before our look at the peer's wish.
        TMemory.Fence(Order.SpaceHeadFence);

        // TRUST: a hint; a lie costs the liar a needless bell.
        return TMemory.Read(in _peer.Word32(SegmentLayout.WantedOffset), Order.SpaceWanted) != 0;
    }
}
