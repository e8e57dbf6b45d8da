// SPDX-License-Identifier: MIT

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gangway.SharedMemory;

/// <summary>The receiver's side of a lane tree: finds the lanes that were signalled, and reads no other.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks>
/// <b>Threads:</b> one at a time: the reactor that the connection belongs to. <b>Trust:</b> whatever the words hold, only
/// granted lanes with permitted bits are delivered, and a turn does no more than its budget. <b>Allocates:</b> in
/// <see cref="Grant"/> only. <b>Cost:</b> one line for nothing; a word of each level for a signal.
/// </remarks>
internal sealed class LaneReader<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A bit is pending where the sender's word differs from what we took last, which is kept in private; the word that
    // acknowledges it only announces it, and is never read back. From the root down: acknowledge the whole word, fence,
    // then read the children that its bits name. So a sender that still finds the old acknowledgement, and leaves the bit
    // alone, changed the child before our look at it. A child stays noted in private until a look found nothing more in
    // it, so a turn may end anywhere. The next one goes on behind it: lanes are served in the order of their numbers, round
    // and round, and none twice before another that was pending all the time.
    //
    // INVARIANT: a child's note is cleared only when the child was read after the last read of its parent.
    // INVARIANT: what lies below the first word of each level that no granted lane is below is never read. Proof:
    // docs/memory-ordering/lanes.md, verify/lanetree.pml.

    private readonly Segment _peer;
    private readonly int _peerOffset;
    private readonly Segment _own;
    private readonly int _ownOffset;
    private readonly LaneGeometry _geometry;
    private readonly Level[] _levels;

    /// <summary>The lane behind the last one that was served or passed.</summary>
    private int _next;

    /// <summary>How many words this turn may still read.</summary>
    private long _wordsLeft;

    /// <summary>A bit for each root with notes.</summary>
    private uint _notedRoots;

    /// <summary>Starts with no lane granted and nothing taken, on words that are zero.</summary>
    /// <param name="peer">The segment of the `set` words, which the sender writes.</param>
    /// <param name="peerOffset">Where the first root lies in it: a multiple of 64.</param>
    /// <param name="own">The segment of the `ack` words, which this side writes.</param>
    /// <param name="ownOffset">Where the first root lies in that.</param>
    /// <param name="geometry">How many lanes there are.</param>
    internal LaneReader(Segment peer, int peerOffset, Segment own, int ownOffset, LaneGeometry geometry)
    {
        // Throws unless all words lie inside.
        peer.Bytes(peerOffset, geometry.WordBytes);
        own.Bytes(ownOffset, geometry.WordBytes);
        _peer = peer;
        _peerOffset = peerOffset;
        _own = own;
        _ownOffset = ownOffset;
        _geometry = geometry;
        _levels = new Level[geometry.Levels];
        for (int i = 0; i < _levels.Length; i++)
            _levels[i] = new Level();
        _levels[0].GrowTo(LaneGeometry.Roots);
    }

    /// <summary>How many lanes were granted: those with lower numbers.</summary>
    internal int Granted { get; private set; }

    /// <summary>
    /// How often something was announced that was not granted, or that nothing was pending in. An honest sender that is
    /// faster to signal than to announce makes at most one for each level of each signal; many mean a liar.
    /// </summary>
    internal ulong FalseAnnouncements { get; private set; }

    /// <summary>Grants the next lane. What was signalled in it before may be lost until it is signalled again.</summary>
    /// <param name="permitted">The bits that are delivered; others are dropped.</param>
    /// <returns>The number of the lane; -1 when the geometry has no more.</returns>
    internal int Grant(uint permitted)
    {
        if (Granted == _geometry.Lanes)
            return -1;
        int lane = Granted++;
        for (int level = 1; level < _levels.Length; level++)
            _levels[level].GrowTo((lane >> _geometry.ShiftOf(level)) + 1);
        Permit(lane, permitted);
        return lane;
    }

    /// <summary>Changes which bits of a granted lane are delivered; none takes it back.</summary>
    internal void Permit(int lane, uint permitted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)lane, (uint)Granted, nameof(lane));
        _levels[_geometry.LaneLevel].Bits[lane] = permitted;
    }

    /// <summary>Whether something is pending, or was left by the last turn: worth a <see cref="Take"/>.</summary>
    /// <param name="order">Which look this is: a poll, or the last one before sleep.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasSignals(Order order = Order.LaneParentSet)
    {
        ulong[] acknowledged = _levels[0].Acknowledged;
        for (int i = 0; i < acknowledged.Length; i++)
        {
            // TRUST: a copy, compared with what we took. A sender that toggles for nothing costs itself our turns.
            if ((uint)TMemory.Read(in _peer.Word64(_peerOffset + i * sizeof(ulong)), order) != (uint)acknowledged[i])
                return true;
        }

        return _notedRoots != 0;
    }

    /// <summary>Takes signals, starting behind those of the last turn, until there are no more or the budget is spent.</summary>
    /// <param name="signals">
    /// Gets them. Its length is the budget: at least 1; and no more words are read than the signals of so many lanes take.
    /// </param>
    /// <returns>How many there are. What they tell of is looked at afterwards.</returns>
    internal int Take(Span<LaneSignal> signals)
    {
        // Enough for the way to one lane at least, so that each turn gets on: to a lane, or past what nothing is pending in.
        _wordsLeft = (long)signals.Length * _geometry.Levels - 1;
        TakeRoots();

        int taken = 0;
        if (WalkRoots(_next, signals, ref taken))
        {
            _next = 0;
            if (WalkRoots(0, signals, ref taken))
                _next = 0;
        }

        // ORDER(LaneDeliverFence): full fence. What we acknowledged comes before the look at what the signals tell of.
        if (taken != 0)
            TMemory.Fence(Order.LaneDeliverFence);
        return taken;
    }

    private bool WalkRoots(int from, Span<LaneSignal> signals, ref int taken)
    {
        uint rest = _notedRoots & uint.MaxValue << (from >> _geometry.ShiftOf(0));
        for (; rest != 0; rest &= rest - 1)
        {
            int root = BitOperations.TrailingZeroCount(rest);
            bool isPassed = Walk(0, root, from, signals, ref taken);
            if (_levels[0].Bits[root] == 0)
                _notedRoots &= ~LaneGeometry.BitOf(root);
            if (!isPassed)
                return false;
        }

        return true;
    }

    /// <summary>Visits what is noted below a parent that was read, from a lane on.</summary>
    /// <returns>False when the turn must end before that is done.</returns>
    private bool Walk(int level, int index, int from, Span<LaneSignal> signals, ref int taken)
    {
        ref uint notes = ref _levels[level].Bits[index];
        int childShift = _geometry.ShiftOf(level + 1);
        int firstChild = LaneGeometry.FirstChildOf(index);
        int skipped = Math.Max((from >> childShift) - firstChild, 0);
        uint rest = skipped < LaneGeometry.Children ? notes & uint.MaxValue << skipped : 0;
        for (; rest != 0; rest &= rest - 1)
        {
            if (_wordsLeft == 0 || taken == signals.Length)
                return false;
            _wordsLeft--;
            int child = firstChild + BitOperations.TrailingZeroCount(rest);
            bool isPassed = true;
            bool isEmpty = true;
            if (level + 1 == _geometry.LaneLevel)
            {
                TakeLane(child, signals, ref taken);
            }
            else
            {
                TakeParent(level + 1, child);
                isPassed = Walk(level + 1, child, from, signals, ref taken);
                isEmpty = _levels[level + 1].Bits[child] == 0;
            }

            if (isEmpty)
                notes &= ~LaneGeometry.BitOf(child);
            if (!isPassed)
                return false;
            _next = (child + 1) << childShift;
        }

        return true;
    }

    private void TakeRoots()
    {
        bool isPending = false;
        ulong[] acknowledged = _levels[0].Acknowledged;
        for (int i = 0; i < acknowledged.Length; i++)
        {
            uint pending = Acknowledge(ref acknowledged[i], 0, i, Order.LaneParentSet, Order.LaneParentAck, out _);
            if (pending == 0)
                continue;
            isPending = true;
            if (Note(0, i, pending))
                _notedRoots |= LaneGeometry.BitOf(i);
        }

        // ORDER(LaneParentFence): full fence. What we acknowledge comes before our look at the children.
        if (isPending)
            TMemory.Fence(Order.LaneParentFence);
    }

    private void TakeParent(int level, int index)
    {
        Level words = _levels[level];
        uint pending = Acknowledge(ref words.Acknowledged[index], level, index, Order.LaneParentSet, Order.LaneParentAck, out _);
        if (pending != 0)
        {
            Note(level, index, pending);

            // ORDER(LaneParentFence): as in TakeRoots.
            TMemory.Fence(Order.LaneParentFence);
        }
        else if (words.Bits[index] == 0)
        {
            FalseAnnouncements++;
        }
    }

    /// <summary>Notes the children that a parent's bits name, if a granted lane is below them.</summary>
    /// <returns>Whether there are any.</returns>
    private bool Note(int level, int index, uint pending)
    {
        // TRUST: a bit becomes the number of a child; those up to here have a place in our tables.
        int children = _levels[level + 1].Count - LaneGeometry.FirstChildOf(index);
        if (children < LaneGeometry.Children)
        {
            uint granted = children <= 0 ? 0 : uint.MaxValue >> (LaneGeometry.Children - children);
            FalseAnnouncements += (ulong)BitOperations.PopCount(pending & ~granted);
            pending &= granted;
        }

        return (_levels[level].Bits[index] |= pending) != 0;
    }

    private void TakeLane(int lane, Span<LaneSignal> signals, ref int taken)
    {
        Level lanes = _levels[_geometry.LaneLevel];
        uint pending = Acknowledge(
            ref lanes.Acknowledged[lane], _geometry.LaneLevel, lane, Order.LaneSet, Order.LaneAck, out uint count);
        if (pending == 0)
        {
            FalseAnnouncements++;
            return;
        }

        uint bits = pending & lanes.Bits[lane];
        if (bits != 0)
            signals[taken++] = new LaneSignal(lane, bits, Math.Max(count, 1));
    }

    /// <summary>Reads a word, and says that all of it was taken. A fence comes before what its bits tell of is read.</summary>
    /// <returns>The bits that were pending: any.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Acknowledge(ref ulong acknowledged, int level, int index, Order setOrder, Order ackOrder, out uint count)
    {
        int offset = LaneGeometry.Offset(level, index);

        // ORDER(LaneSet): acquire, and so is LaneParentSet. What the bits tell of was written before them.
        // TRUST: read once, any value is allowed; it goes back to the sender. Bits are hints that are bounded by what was
        // granted, the count is a hint.
        ulong set = TMemory.Read(in _peer.Word64(_peerOffset + offset), setOrder);
        uint pending = (uint)(set ^ acknowledged);
        count = (uint)(set >> 32) - (uint)(acknowledged >> 32);
        if (pending == 0)
            return 0;
        acknowledged = set;

        // ORDER(LaneAck): and LaneParentAck: before our look at what the bits tell of, by the fence behind it.
        TMemory.Write(ref _own.Word64(_ownOffset + offset), set, ackOrder);
        return pending;
    }

    /// <summary>What we remember of the words of one level that are in use.</summary>
    private sealed class Level
    {
        internal int Count { get; private set; }

        /// <summary>What was taken of each.</summary>
        internal ulong[] Acknowledged { get; private set; } = [];

        /// <summary>Of a parent, the children that are to be visited; of a lane, the permitted bits.</summary>
        internal uint[] Bits { get; private set; } = [];

        internal void GrowTo(int count)
        {
            if (count <= Count)
                return;
            Count = count;
            if (count <= Bits.Length)
                return;
            int length = (int)BitOperations.RoundUpToPowerOf2((uint)count);
            ulong[] acknowledged = new ulong[length];
            Acknowledged.CopyTo(acknowledged, 0);
            uint[] bits = new uint[length];
            Bits.CopyTo(bits, 0);
            (Acknowledged, Bits) = (acknowledged, bits);
        }
    }
}
