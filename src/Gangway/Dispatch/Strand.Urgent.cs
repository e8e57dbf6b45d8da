// SPDX-License-Identifier: MIT

namespace Gangway;

// Notifications that come before everything else on the strand.
public sealed partial class Strand
{
    // Design:
    //
    // A bound notification's node is in a queue of its own, which the turn looks at before it starts another handler. Who
    // waits for a port or a notification in the turn says so in _blocked, fences, and looks at that queue once more; who
    // puts something into it looks at _blocked behind the put. So at least one of the two sees the other, and the waiting
    // thread, which has the turn, runs the callback and waits on. A call is not such a wait: its reply may come first.

    /// <summary>After so many urgent pieces one of the others comes.</summary>
    private const int UrgentInRow = 64;

    private WorkQueue _urgent;
    private int _urgentInRow;
    private ThreadWaiter? _blocked;
    private bool _isInUrgent;

    /// <summary>Runs a callback whenever a notification is signalled, before the strand's next handler; in a storm of signals every 64th time after it.</summary>
    /// <param name="notification">Not bound anywhere. What it holds already is told at once.</param>
    /// <param name="callback">
    /// Gets what came since the last time. It runs in the strand's turn: not beside a handler, not while one is suspended in
    /// an await, but inside of a handler's <see cref="EventPort.Wait"/> or <see cref="Notification.Wait"/>, which then goes
    /// on; never inside of a call.
    /// </param>
    /// <returns>Its binding, which can be masked and disposed. After a dispose on the strand the callback does not run any more.</returns>
    /// <remarks>
    /// <b>Blocks:</b> never. <b>Allocates:</b> nothing for a signal. An exception of the callback is reported by the event
    /// source <c>Gangway</c>. After <see cref="Dispose"/> of the strand it does not run. Source: seL4's notifications, bound
    /// to a thread.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notification is bound already.</exception>
    public Binding BindUrgent(Notification notification, Action<Signals> callback)
    {
        ArgumentNullException.ThrowIfNull(notification);
        ArgumentNullException.ThrowIfNull(callback);
        var node = new UrgentNode(this, notification, callback);
        if (!notification.TryBind(node))
        {
            throw new InvalidOperationException(
                "The notification is bound already. Dispose that binding first; several strands or ports need a notification each.");
        }

        return new Binding(node);
    }

    /// <summary>Queues work in front of everything but the pieces of a handler that has begun. Any thread.</summary>
    internal void QueueUrgent(StrandWork work)
    {
        _urgent.Put(work);
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _blocked)?.Interrupt();
        WantTurn();
    }

    /// <summary>The strand whose turn this thread has, and which runs urgent work inside of a wait; null when there is none.</summary>
    internal static Strand? OfWait => Current is { _isInUrgent: false } strand ? strand : null;

    /// <summary>Whether a wait should run urgent work. In the turn.</summary>
    internal bool HasUrgent => !_urgent.IsEmpty;

    /// <summary>The next piece of the turn: of the handler that has begun; else urgent ones first, but not for ever.</summary>
    private StrandWork? TakeNext()
    {
        StrandWork? continuation = _continuations.Take();
        if (continuation is not null || _isSuspended)
            return continuation;
        if (_urgentInRow < UrgentInRow && _urgent.Take() is { } urgent)
        {
            _urgentInRow++;
            return urgent;
        }

        _urgentInRow = 0;
        return _work.Take() ?? _urgent.Take();
    }

    /// <summary>The code that runs is about to wait: urgent work interrupts it. Look at <see cref="HasUrgent"/> behind it.</summary>
    internal void BeginWait(ThreadWaiter waiter)
    {
        Volatile.Write(ref _blocked, waiter);
        Interlocked.MemoryBarrier();
    }

    /// <summary>The wait is over.</summary>
    internal void EndWait() => Volatile.Write(ref _blocked, null);

    /// <summary>Runs urgent work inside of a wait, in the turn of the strand that waits.</summary>
    internal void RunUrgent()
    {
        // A storm of them does not keep the wait from its deadline, or from what it waits for.
        ThreadRole role = ThreadRole.Current;
        _isInUrgent = true;
        for (int left = UrgentInRow; left > 0 && _urgent.Take() is { } work; left--)
            RunOne(work, role);
        _isInUrgent = false;
    }
}
