// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The sender's side of a lane tree: signals bits of lanes.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks>
/// <b>Threads:</b> any number. <b>Blocks:</b> never, and never fails, whatever the peer does. <b>Allocates:</b> nothing;
/// eight bytes a word when it is made. <b>Cost:</b> a fence, and for each level two locked instructions where the bit was
/// not pending, none where it was.
/// </remarks>
internal sealed class LaneWriter<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // The receiver cannot clear a bit of our memory, so a bit is pending where our word and the one in which the receiver
    // says what it has taken differ. Whoever signals reads our word, then the receiver's, and toggles the wanted bits that
    // are not pending: first in the lane, then in each parent up to the root. It goes on to the root also where it finds
    // the bit pending: who made it so may be preempted. The words are announced ones (AnnouncedWord): what is decided comes
    // from private memory only, so a receiver with a writable mapping of ours cannot keep a thread in the loop.
    //
    // INVARIANT: a bit is toggled only by a swap that found it as the receiver has acknowledged it, and no two states of a
    // word are equal: each change counts. INVARIANT: when a level is done the segment shows a state in which the wanted
    // bits are pending, or were taken after our fence. Proof: docs/memory-ordering/lanes.md, verify/lanetree.pml.

    private readonly Segment _own;
    private readonly int _ownOffset;
    private readonly Segment _peer;
    private readonly int _peerOffset;
    private readonly LaneGeometry _geometry;

    /// <summary>The truth behind each word of the segment, at the same places. Does not move: see <see cref="PrivateWords"/>.</summary>
    private readonly ulong[] _truth;

    /// <summary>Starts with nothing pending, on words that are zero.</summary>
    /// <param name="own">The segment of the `set` words, which this side writes.</param>
    /// <param name="ownOffset">Where the first root lies in it: a multiple of 64.</param>
    /// <param name="peer">The segment of the `ack` words, which the receiver writes.</param>
    /// <param name="peerOffset">Where the first root lies in that.</param>
    /// <param name="geometry">How many lanes there are.</param>
    internal LaneWriter(Segment own, int ownOffset, Segment peer, int peerOffset, LaneGeometry geometry)
    {
        // Throws unless all words lie inside.
        own.Bytes(ownOffset, geometry.WordBytes);
        peer.Bytes(peerOffset, geometry.WordBytes);
        _own = own;
        _ownOffset = ownOffset;
        _peer = peer;
        _peerOffset = peerOffset;
        _geometry = geometry;
        _truth = GC.AllocateArray<ulong>(geometry.WordBytes / sizeof(ulong), pinned: true);
    }

    /// <summary>
    /// Signals bits of a lane. What was written before is seen by whoever takes them. The caller looks at the peer's sleep
    /// word right after (<see cref="Bell{TMemory}.MustRing"/>), and rings a sleeper.
    /// </summary>
    /// <param name="lane">From 0 to the geometry's lanes; the receiver must have granted it.</param>
    /// <param name="bits">Those that are pending stay so. None: nothing happens.</param>
    internal void Signal(int lane, uint bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)lane, (uint)_geometry.Lanes, nameof(lane));
        if (bits == 0)
            return;

        // ORDER(LaneSignalFence): full fence. What the signal tells of comes before our looks at what was acknowledged.
        TMemory.Fence(Order.LaneSignalFence);

        Raise(_geometry.LaneLevel, lane, bits, Order.LaneAck);
        int index = lane;
        for (int level = _geometry.LaneLevel - 1; level >= 0; level--)
        {
            uint bit = LaneGeometry.BitOf(index);
            index = LaneGeometry.ParentOf(index);
            Raise(level, index, bit, Order.LaneParentAck);
        }
    }

    /// <summary>Makes bits of one word pending, and sees to it that the segment shows them.</summary>
    private void Raise(int level, int index, uint bits, Order order)
    {
        int offset = LaneGeometry.Offset(level, index);
        ref ulong truth = ref _truth[offset / sizeof(ulong)];
        ref readonly ulong acknowledged = ref _peer.Word64(_peerOffset + offset);

        // Ends: a swap fails only when another of our threads has changed the word. The peer has no say in it.
        ulong set = TMemory.Read(in truth, Order.AnnouncedTruth);
        while (true)
        {
            // ORDER(LaneAck): and LaneParentAck: behind the read of our own word; behind what the word tells of, by our
            // fence or by what the level below has shown.
            // TRUST: any value is allowed; bits of a copy are compared. Who lies here is not told of its own signals, or told
            // in vain.
            ulong ack = TMemory.Read(in acknowledged, order);
            uint missing = ~(uint)(set ^ ack) & bits;
            if (missing == 0)
                break;
            ulong next = (set + LaneGeometry.CountOne) ^ missing;
            if (AnnouncedWord<TMemory>.TryChange(ref truth, ref set, next))
            {
                set = next;
                break;
            }
        }

        // ORDER(LaneShown): behind the look at what was acknowledged. Who changed the word may be preempted before it shows.
        // TRUST: compared with our own word, and no more. A peer that spoils it makes us show the truth again.
        ref ulong copy = ref _own.Word64(_ownOffset + offset);
        if (TMemory.Read(in copy, Order.LaneShown) != set)
            AnnouncedWord<TMemory>.Announce(ref copy, in truth);
    }
}
