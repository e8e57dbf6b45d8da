// SPDX-License-Identifier: MIT

namespace Gangway;

// What waits for a strand that is disposed.
public sealed partial class Strand
{
    // Design:
    //
    // A handler may hold its strand for ever, and what is queued behind it must end all the same. To refuse a request runs
    // no code of the program, so it needs no turn: whoever disposes, or queues behind that, takes the requests out of the queue and
    // answers them himself. A posted callback needs the turn; it becomes a continuation, which does not wait for a handler that
    // is suspended. What tells of the endpoint's life stays where it is, behind the handler.
    //
    // Who queues puts, fences, and looks at _isDisposed; who disposes writes that, fences, and looks at the queue. So at least
    // one of the two sees the other. Taking from the queue is for whoever has _taking: the turn's holder alone, but for this.
    // The holder looks whether the queue is empty without it, and may find it so while the rest is on its way back: the turn is
    // wanted behind that.

    private readonly Lock _taking = new();

    /// <summary>Cancels what is queued: requests are answered, and callbacks run once, with <see cref="Status.Cancelled"/>.</summary>
    /// <remarks>
    /// <b>Blocks:</b> never. A handler that runs or is suspended goes on to its end; requests that wait behind it, or arrive for a
    /// disposed strand, are answered <see cref="Status.Cancelled"/> at once, and messages are dropped. Callbacks run when no other
    /// code of the strand does, also while a handler is suspended.
    /// </remarks>
    public void Dispose()
    {
        // A swap, for its fence.
        Interlocked.Exchange(ref _isDisposed, true);
        CancelQueued();
        WantTurn();
    }

    private StrandWork? TakeWork()
    {
        if (_work.IsEmpty)
            return null;
        lock (_taking)
            return _work.Take();
    }

    /// <summary>Ends what can be ended without the turn. The caller wants the turn behind it.</summary>
    private void CancelQueued()
    {
        StrandWork? work;
        lock (_taking)
            work = _work.TakeCancellable();
        while (work is not null)
        {
            StrandWork? next = work.Next;
            work.Next = null;
            if (!work.TryCancel())
                _continuations.Put(work);
            work = next;
        }
    }
}
