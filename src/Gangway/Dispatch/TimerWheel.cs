// SPDX-License-Identifier: MIT

using System.Numerics;

namespace Gangway;

/// <summary>All the times that one reactor waits for: no timer object, no thread, no descriptor, no allocation.</summary>
/// <remarks>
/// <b>Threads:</b> the reactor's, but <see cref="Request"/>, which any thread may call. <b>Cost:</b> each operation O(1);
/// a node moves down at most three times before it is due. Times are what <see cref="Deadline.Now"/> counts; a node is
/// looked at at most one tick (2^20 ns) after the time that was asked for, and never before.
/// </remarks>
internal sealed class TimerWheel
{
    // Design:
    //
    // Four levels of 256 slots (Varghese and Lauck 1987). A tick has four digits to base 256 that count here; a node lies
    // on the level of the highest digit in which its tick differs from _elapsed, in the slot of that digit. So all of
    // level 0 is due before anything of level 1, and the first occupied slot of the lowest level is the next to look at.
    // INVARIANT: an occupied slot of level 1 to 3 is not the slot of _elapsed; one of level 0 is not before it.
    // What is too far away lies 255 slots ahead on the last level, and is put again when it comes there.
    //
    // Lazy: a node whose wanted time moved later, or was withdrawn, is not touched. When its slot comes, the wheel looks.
    // A call with a deadline that is answered in time costs two stores and a fence, and its node rests where it is for
    // the next call. Request and the reactor's sleep: docs/memory-ordering/timer.md, verify/timer.pml.

    private const int TickShift = 20;
    private const int SlotShift = 8;
    private const int Slots = 1 << SlotShift;
    private const int Levels = 4;
    private const int WordsPerLevel = Slots / 64;
    private const short Due = Levels * Slots;

    private readonly TimerNode?[] _rings = new TimerNode?[Due + 1];
    private readonly ulong[] _occupied = new ulong[Levels * WordsPerLevel];

    private TimerNode? _requests;
    private long _nextWake = TimerNode.None;

    /// <summary>The last tick that was looked at.</summary>
    private long _elapsed;

    internal TimerWheel(long now) => _elapsed = now >> TickShift;

    /// <summary>When <see cref="Advance"/> has something to do, or a little before; <see cref="long.MaxValue"/>: never.</summary>
    internal long NextWake => _nextWake;

    /// <summary>How many nodes are linked, those included that have been withdrawn since.</summary>
    internal int Count { get; private set; }

    /// <summary>From any thread: asks that a node be looked at when a time has come, whatever was asked before.</summary>
    /// <returns>True when the reactor must be woken, because it may sleep for longer than that.</returns>
    internal bool Request(TimerNode node, long deadlineNs)
    {
        // An exchange, for its fence: our wish before our look at Placed; the wheel takes Placed back before it looks.
        Interlocked.Exchange(ref node.Wanted, deadlineNs);
        if (Volatile.Read(ref node.Placed) <= deadlineNs)
            return false;

        if (Interlocked.CompareExchange(ref node.Queued, 1, 0) == 0)
        {
            TimerNode? first = Volatile.Read(ref _requests);
            while (true)
            {
                node.NextRequest = first;
                TimerNode? found = Interlocked.CompareExchange(ref _requests, node, first);
                if (found == first)
                    break;
                first = found;
            }

            // Who came while we had not linked it yet relies on us: its reactor woke in vain.
            deadlineNs = Math.Min(deadlineNs, Volatile.Read(ref node.Wanted));
        }

        // The compare-and-swap is the fence between our link and this look.
        return deadlineNs < Volatile.Read(ref _nextWake);
    }

    /// <summary>On the reactor: asks, and puts the node in its place at once.</summary>
    internal void Schedule(TimerNode node, long deadlineNs)
    {
        Volatile.Write(ref node.Wanted, deadlineNs);
        Unlink(node);
        Put(node);

        // An earlier wake may be announced at any time: nobody is missed who looks at it instead of the later one.
        long next = FirstWake();
        if (next < _nextWake)
            Volatile.Write(ref _nextWake, next);
    }

    /// <summary>On the reactor: withdraws, and takes the node out at once, unless another thread has asked meanwhile.</summary>
    internal void Cancel(TimerNode node)
    {
        node.Withdraw();
        Unlink(node);
        Put(node);
    }

    /// <summary>Takes the requests, fires what is due, and announces the next wake.</summary>
    /// <param name="now">The time. Any number of laps after the last one is as good as one tick.</param>
    internal void Advance(long now)
    {
        if (now < _nextWake && Volatile.Read(ref _requests) is null)
            return;

        TakeRequests();
        Collect(now >> TickShift);

        // Only now, so that one that asks for a time that has passed is fired in the next turn, and not for ever in this.
        while (_rings[Due] is { } node)
            Fire(node, now);
        Announce();
    }

    private void Announce()
    {
        Volatile.Write(ref _nextWake, FirstWake());

        // Our announcement before our last look at the requests; theirs is a link before a look at the announcement. What
        // the last look finds makes the wake earlier, never later: that needs no further look.
        Interlocked.MemoryBarrier();
        if (TakeRequests())
            Volatile.Write(ref _nextWake, FirstWake());
    }

    private bool TakeRequests()
    {
        if (Volatile.Read(ref _requests) is null)
            return false;

        TimerNode? node = Interlocked.Exchange(ref _requests, null);
        while (node is not null)
        {
            TimerNode? next = node.NextRequest;
            node.NextRequest = null;

            // An exchange, for its fence: who finds the node queued has written its wish, and we look at that after this.
            Interlocked.Exchange(ref node.Queued, 0);
            if (Volatile.Read(ref node.Wanted) < node.Placed)
            {
                Unlink(node);
                Put(node);
            }

            node = next;
        }

        return true;
    }

    /// <summary>Goes to a tick: what is due until then is in the ring of the due, what lay above it has moved down.</summary>
    private void Collect(long tick)
    {
        while (FirstSlot(out int level) is var first && first <= tick)
        {
            _elapsed = first;
            int ring = RingOf(level, first);
            while (_rings[ring] is { } node)
            {
                Unlink(node);
                if (level == 0)
                    Link(node, Due);
                else if (Volatile.Read(ref node.Wanted) == node.Placed)
                    LinkFor(node, node.Placed);
                else
                    Put(node);
            }
        }

        _elapsed = Math.Max(_elapsed, tick);
    }

    private void Fire(TimerNode node, long now)
    {
        Unlink(node);
        Interlocked.Exchange(ref node.Placed, TimerNode.None);
        long wanted = Volatile.Read(ref node.Wanted);
        if (wanted > now)
            Put(node);
        else if (Interlocked.CompareExchange(ref node.Wanted, TimerNode.None, wanted) == wanted)
            node.OnDue(now);
        else
            Put(node);
    }

    /// <summary>Puts an unlinked node where its wish belongs; nowhere if it has none.</summary>
    private void Put(TimerNode node)
    {
        // An exchange, for its fence: from here on who asks finds no place that it could rely on, or we see its wish.
        Interlocked.Exchange(ref node.Placed, TimerNode.None);
        long wanted = Volatile.Read(ref node.Wanted);
        if (wanted == TimerNode.None)
            return;
        Volatile.Write(ref node.Placed, wanted);
        LinkFor(node, wanted);
    }

    private void LinkFor(TimerNode node, long deadlineNs)
    {
        // Rounded up: when the tick begins, the time has come.
        long tick = (deadlineNs >> TickShift) + ((deadlineNs & ((1L << TickShift) - 1)) == 0 ? 0 : 1);
        tick = Math.Max(tick, _elapsed);
        int level = Math.Min(BitOperations.Log2((ulong)(tick ^ _elapsed) | 1) / SlotShift, Levels - 1);
        if (level == Levels - 1)
        {
            const int Shift = (Levels - 1) * SlotShift;
            tick = Math.Min(tick, ((_elapsed >> Shift) + Slots - 1) << Shift);
        }

        Link(node, (short)RingOf(level, tick));
    }

    private static int RingOf(int level, long tick) => (level << SlotShift) | (int)(tick >> (level * SlotShift)) & (Slots - 1);

    private void Link(TimerNode node, short ring)
    {
        node.Ring = ring;
        Count++;
        if (_rings[ring] is { } first)
        {
            TimerNode last = first.Previous!;
            (node.Previous, node.Next) = (last, first);
            last.Next = node;
            first.Previous = node;
            return;
        }

        node.Previous = node.Next = node;
        _rings[ring] = node;
        if (ring != Due)
            _occupied[ring >> 6] |= 1ul << ring;
    }

    private void Unlink(TimerNode node)
    {
        int ring = node.Ring;
        if (ring == TimerNode.Unlinked)
            return;

        Count--;
        node.Ring = TimerNode.Unlinked;
        if (node.Next == node)
        {
            _rings[ring] = null;
            if (ring != Due)
                _occupied[ring >> 6] &= ~(1ul << ring);
        }
        else
        {
            node.Previous!.Next = node.Next;
            node.Next!.Previous = node.Previous;
            if (_rings[ring] == node)
                _rings[ring] = node.Next;
        }

        node.Previous = node.Next = null;
    }

    private long FirstWake() => _rings[Due] is not null ? 0
        : FirstSlot(out _) is var tick && tick == long.MaxValue ? TimerNode.None
        : tick << TickShift;

    /// <summary>The tick at which the next occupied slot begins; <see cref="long.MaxValue"/> when all are empty.</summary>
    private long FirstSlot(out int level)
    {
        for (level = 0; level < Levels; level++)
        {
            int distance = DistanceTo(level, (int)(_elapsed >> (level * SlotShift)) & (Slots - 1));
            if (distance >= 0)
                return ((_elapsed >> (level * SlotShift)) + distance) << (level * SlotShift);
        }

        return long.MaxValue;
    }

    /// <summary>How far it is from one slot of a level to the next occupied one, round the end; -1 if all are empty.</summary>
    private int DistanceTo(int level, int from)
    {
        ReadOnlySpan<ulong> words = _occupied.AsSpan(level * WordsPerLevel, WordsPerLevel);
        ulong word = words[from >> 6] & (ulong.MaxValue << from);
        for (int i = from >> 6, end = i + WordsPerLevel; ; word = words[++i % WordsPerLevel])
        {
            if (word != 0)
                return ((i % WordsPerLevel << 6) + BitOperations.TrailingZeroCount(word) - from) & (Slots - 1);
            if (i == end)
                return -1;
        }
    }
}
