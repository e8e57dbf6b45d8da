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
public sealed class Notification
{
    // Design:
    //
    // The word lives in a cell: one of its own while it is not bound, the binding's node while it is. To bind is to
    // publish the next cell and close the one before, to unbind the other way round; what the closed one held is signalled
    // into the next, and whoever waits looks again. A signal that meets a closed cell goes to the next one. Cells are
    // never used again, so no thread that was preempted can mistake one.

    private readonly Lock _lock = new();
    private readonly List<ThreadWaiter> _waiters = [];
    private Cell _cell;
    private int _waiterCount;

    /// <summary>Makes one that nobody has signalled.</summary>
    public Notification() => _cell = new Cell(null);

    /// <summary>Signals it.</summary>
    /// <param name="bits">The bits to set. None is a signal as well.</param>
    /// <remarks>
    /// <b>Cost:</b> one atomic operation when it is signalled already, two when it is bound and not; and the waking of a
    /// sleeper, when one waits.
    /// </remarks>
    public void Signal(uint bits = 0) => Add(bits, 1);

    /// <summary>Takes what has come.</summary>
    /// <returns>Empty when there was no signal since the last look.</returns>
    public Signals Poll() => Volatile.Read(ref _cell).Take();

    /// <summary>Takes what has come, and waits for it if there is nothing.</summary>
    /// <param name="deadline">Until when. Default: for ever.</param>
    /// <returns>Empty when the deadline has passed.</returns>
    /// <remarks>
    /// Several threads may wait, and one of them gets what came. Where it is bound as well, the port may be first.
    /// <b>Blocks:</b> the thread; inside a handler the reactor goes on with another.
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

        Interlocked.MemoryBarrier();
        try
        {
            while (true)
            {
                uint seen = waiter.Word.Value;
                found = Poll();
                if (!found.IsEmpty)
                    return found;
                if (waiter.Word.Wait(seen, deadline.Nanoseconds) == Errno.ETIMEDOUT)
                    return Poll();
            }
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
                _waiterCount--;
            }
        }
    }

    /// <summary>Binds it to a port that has made a node for it.</summary>
    /// <returns>False when it is bound already.</returns>
    internal bool TryBind(SourceNode node)
    {
        Signals left;
        bool isMoved;
        lock (_lock)
        {
            Cell before = _cell;
            if (before.Node is not null)
                return false;

            // Cancelled by its key since the port has registered it: bound and unbound again.
            if (node.IsClosed)
                return true;
            Volatile.Write(ref _cell, new Cell(node));
            left = before.Close();
            isMoved = left.IsEmpty
                || (node.Mode == TriggerMode.Edge ? node.TryHold(left.Bits, left.Count) : node.TrySignal(left.Bits, left.Count));
        }

        // Outside of the lock: where the node has ended meanwhile, who ended it publishes the next cell.
        if (!isMoved)
            Add(left.Bits, left.Count);
        WakeWaiters();
        return true;
    }

    /// <summary>The binding of a node has ended, and held this.</summary>
    internal void OnUnbound(SourceNode node, Signals left)
    {
        lock (_lock)
        {
            // It may never have come so far as to be bound; then nobody could signal it, and another one may be.
            if (_cell.Node != node)
                return;
            var next = new Cell(null);
            if (!left.IsEmpty)
                next.TrySignal(left.Bits, left.Count);
            Volatile.Write(ref _cell, next);
        }

        // Who looked while the signals were on their way from one cell to the next has found none.
        Interlocked.MemoryBarrier();
        WakeWaiters();
    }

    private void Add(uint bits, uint count)
    {
        while (!Volatile.Read(ref _cell).TrySignal(bits, count))
        {
        }

        WakeWaiters();
    }

    /// <summary>Behind a swap or a full fence, as a waiter's last look is behind its entry.</summary>
    private void WakeWaiters()
    {
        if (Volatile.Read(ref _waiterCount) == 0)
            return;
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

        internal Signals Take() => Node is { } bound ? bound.Take() : Of(SourceWord<ProcessMemory>.Take(ref _word));

        internal Signals Close() => Of(SourceWord<ProcessMemory>.Close(ref _word));

        private static Signals Of(ulong value) => new((uint)value, SourceWord<ProcessMemory>.Count(value));
    }
}
