// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Brings what a concurrent handler awaits back to its call, on the thread pool: nothing is serialized.</summary>
internal sealed class CallContext(Delivery delivery) : SynchronizationContext, IThreadPoolWorkItem
{
    // Design:
    //
    // What a strand does for its holder, a context does for a handler without a strand: each piece that follows an await
    // knows which call it is a part of. Pieces of several branches of one handler may run at the same time.
    //
    // INVARIANT: a context of a handler that suspended is never another record's: the delivery takes a new one. So what
    // a handler leaves running is nobody's call once the record is over. A handler that did not suspend, and had nothing
    // posted, leaves its context to the next record, so that it costs nothing.

    private uint _stamp;
    private bool _wasPosted;

    // The piece that waits for a thread of the pool. Mostly there is one at a time; more have a node each.
    private bool _isQueued;
    private SendOrPostCallback? _callback;
    private object? _state;

    /// <summary>The context that this thread has; null when it is of another kind.</summary>
    internal static new CallContext? Current => SynchronizationContext.Current as CallContext;

    /// <summary>Whether a piece of the record was here already.</summary>
    internal bool WasPosted => Volatile.Read(ref _wasPosted);

    /// <summary>The delivery's next record has it. Before its handler starts.</summary>
    internal void Begin(uint stamp) => Volatile.Write(ref _stamp, stamp);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        Volatile.Write(ref _wasPosted, true);
        if (Interlocked.Exchange(ref _isQueued, true))
        {
            ThreadPool.UnsafeQueueUserWorkItem(new Piece(this, d, state), preferLocal: false);
            return;
        }

        _callback = d;
        _state = state;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        ThreadRole role = ThreadRole.Current;
        (Delivery?, uint) caller = Delivery.BeginPart(role, delivery, Volatile.Read(ref _stamp));
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            SetSynchronizationContext(before);
            Delivery.EndPart(role, caller);
        }
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        SendOrPostCallback callback = _callback!;
        object? state = _state;
        _callback = null;
        _state = null;
        Volatile.Write(ref _isQueued, false);
        Run(callback, state);
    }

    private void Run(SendOrPostCallback callback, object? state)
    {
        try
        {
            Send(callback, state);
        }
        catch (Exception e)
        {
            // Only code that nobody awaits throws here.
            GangwayEvents.Log.HandlerFailed("concurrent", 0, e);
        }
    }

    private sealed class Piece(CallContext owner, SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => owner.Run(callback, state);
    }
}
