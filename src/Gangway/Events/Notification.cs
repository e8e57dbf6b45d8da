// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

/// <summary>A word of 32 signal bits and a count. Signalling it never blocks, never fails and allocates nothing.</summary>
/// <remarks>
/// Signals coalesce: bits are united, the count grows, and taking them is one atomic step, so no bit is lost and none comes
/// twice. One may be bound to an <see cref="EventPort"/>, or looked at and waited for directly.
/// <b>Threads:</b> any. <b>Ownership:</b> whoever may signal it holds it; it needs no dispose. Source: seL4's notifications.
/// </remarks>
public sealed class Notification : IReadinessSource
{
    // Design:
    //
    // The word lives in a node: one of its own while it is not bound, the binding's while it is. To bind or unbind is to
    // publish the next node, close the one before, and signal what that still held into the next. A signal that meets a
    // closed node goes to the next one, and so does who takes: what a closed one held has moved on, and would come twice.
    // Nodes are never used again, so no thread that was preempted can mistake one.

    private readonly Lock _lock = new();
    private readonly List<ThreadWaiter> _waiters = [];
    private Cell _cell;
    private int _waiterCount;
    private WatchList _watches;

    /// <summary>Makes one that nobody has signalled.</summary>
    public Notification() => _cell = new Cell(null);

    /// <summary>Signals it.</summary>
    /// <param name="bits">The bits to set. None is a signal as well.</param>
    /// <remarks>
    /// <b>Cost:</b> one atomic operation when it is signalled already, two when it is bound and not; and the waking of a
    /// sleeper, when one waits.
    /// </remarks>
    public void Signal(uint bits = 0) => Signal(bits, 1);

    /// <summary>Signals it several times at once.</summary>
    internal void Signal(uint bits, uint count)
    {
        while (!Volatile.Read(ref _cell).TrySignal(bits, count))
            Thread.Yield();

        // Behind the swap, as a waiter's last look is behind its entry.
        if (Volatile.Read(ref _waiterCount) != 0)
            WakeWaiters();
        _watches.Wake((uint)DescriptorEvents.Readable);
    }

    /// <summary>Takes what has come.</summary>
    /// <returns>Empty when there was no signal since the last look.</returns>
    public Signals Poll()
    {
        Signals signals;
        while (!Volatile.Read(ref _cell).TryTake(out signals))
            Thread.Yield();
        if (!signals.IsEmpty)
            OnTaken();
        return signals;
    }

    /// <summary>Takes what has come, and waits for it if there is nothing.</summary>
    /// <param name="deadline">Until when. Default: for ever.</param>
    /// <returns>Empty when the deadline has passed.</returns>
    /// <remarks>
    /// Several threads may wait, and one of them gets what came. Where it is bound as well, the port may be first.
    /// <b>Blocks:</b> the thread; inside a handler the reactor goes on with another, and urgent notifications of its strand
    /// (<see cref="Strand.BindUrgent"/>) are told meanwhile.
    /// </remarks>
    public Signals Wait(Deadline deadline = default)
    {
        Signals found = Poll();
        if (!found.IsEmpty)
            return found;
        Reactor.BeforeWait();
        ThreadWaiter waiter = ThreadWaiter.Current;
        lock (_lock)
        {
            _waiters.Add(waiter);
            _waiterCount++;
        }

        Strand? strand = Strand.OfWait;
        strand?.BeginWait(waiter);
        Interlocked.MemoryBarrier();
        try
        {
            while (true)
            {
                uint seen = waiter.Word.Value;
                if (strand is { HasUrgent: true })
                    strand.RunUrgent();
                found = Poll();
                if (!found.IsEmpty || deadline.HasPassed)
                    return found;
                if (waiter.Word.Wait(seen, deadline.Nanoseconds) == Errno.ETIMEDOUT)
                    return Poll();
            }
        }
        finally
        {
            strand?.EndWait();
            lock (_lock)
            {
                _waiters.Remove(waiter);
                _waiterCount--;
            }
        }
    }

    /// <inheritdoc/>
    ref WatchList IReadinessSource.Watches => ref _watches;

    /// <summary>Readable while something is pending, and always writable, as an eventfd that is never full.</summary>
    uint IReadinessSource.Look()
    {
        bool isPending;
        while (!Volatile.Read(ref _cell).TryPeek(out isPending))
            Thread.Yield();
        return (uint)(isPending ? DescriptorEvents.Readable | DescriptorEvents.Writable : DescriptorEvents.Writable);
    }

    /// <summary>What was pending was taken: for who watches it that is a wake-up for writing, as a read is of an eventfd.</summary>
    internal void OnTaken() => _watches.Wake((uint)DescriptorEvents.Writable);

    /// <summary>Binds it to a port that has made a node for it, unless that binding has been ended already.</summary>
    /// <returns>False when it is bound already.</returns>
    internal bool TryBind(SourceNode node)
    {
        lock (_lock)
        {
            Cell before = _cell;
            if (before.Node is { IsClosed: false })
                return false;

            // Who ends the binding closes the node, and then comes here: it finds the cell, or we find the node closed.
            if (node.IsClosed)
                return true;
            Volatile.Write(ref _cell, new Cell(node));
            Signals left = before.Close();
            if (!_cell.TryReceive(left))
                PublishOwn(left);
            WakeAgain(left);
            return true;
        }
    }

    /// <summary>Its binding has ended, and held this. Also for a binding that was ended before it was one.</summary>
    internal void OnUnbound(SourceNode node, Signals left)
    {
        lock (_lock)
        {
            if (_cell.Node == node || !_cell.TryReceive(left))
                PublishOwn(left);
            WakeAgain(left);
        }
    }

    /// <summary>What a node delivered and nobody got: it is here again, and no new signal.</summary>
    internal void GiveBack(SourceNode node, Signals left)
    {
        if (!node.TryHold(left.Bits, left.Count))
        {
            OnUnbound(node, left);
            return;
        }

        lock (_lock)
            WakeAgain(left);
    }

    private void PublishOwn(Signals left)
    {
        var next = new Cell(null);
        next.TryReceive(left);
        Volatile.Write(ref _cell, next);
    }

    /// <summary>Who was woken by what has moved may have looked while it was on its way.</summary>
    private void WakeAgain(Signals left)
    {
        if (left.IsEmpty)
            return;
        if (_waiterCount != 0)
            WakeWaiters();
        _watches.Wake((uint)DescriptorEvents.Readable);
    }

    private void WakeWaiters()
    {
        lock (_lock)
        {
            foreach (ThreadWaiter waiter in _waiters)
                waiter.Wake();
        }
    }

    /// <summary>Where the word is now: a binding's node, or its own.</summary>
    private sealed class Cell(SourceNode? node)
    {
        private ulong _word;

        internal SourceNode? Node { get; } = node;

        internal bool TrySignal(uint bits, uint count) => Node is { } bound
            ? bound.TrySignal(bits, count)
            : SourceWord<ProcessMemory>.TrySignal(ref _word, bits, count, mayLink: false, out _);

        /// <summary>Takes over what another cell held: no new signal, so Edge keeps it for the next one.</summary>
        internal bool TryReceive(Signals left) => left.IsEmpty
            || (Node is { TakesWhatIsHeld: false } edge ? edge.TryHold(left.Bits, left.Count) : TrySignal(left.Bits, left.Count));

        internal bool TryTake(out Signals signals)
        {
            if (Node is { } bound)
                return bound.TryTake(out signals);
            ulong value = SourceWord<ProcessMemory>.Take(ref _word);
            bool isOpen = (value & SourceWord<ProcessMemory>.Closed) == 0;
            signals = isOpen ? Of(value) : default;
            return isOpen;
        }

        internal bool TryPeek(out bool isPending)
        {
            if (Node is { } bound)
                return bound.TryPeek(out isPending);
            ulong value = ProcessMemory.Read(in _word, Order.SourceTake);
            isPending = SourceWord<ProcessMemory>.IsPending(value);
            return !SourceWord<ProcessMemory>.IsClosed(value);
        }

        internal Signals Close() => Of(SourceWord<ProcessMemory>.Close(ref _word));

        private static Signals Of(ulong value) => new((uint)value, SourceWord<ProcessMemory>.Count(value));
    }
}
