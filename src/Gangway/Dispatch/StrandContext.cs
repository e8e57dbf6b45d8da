// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Brings what a handler awaits back to its strand.</summary>
internal sealed class StrandContext(Strand strand) : SynchronizationContext
{
    private Continuation? _spare;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        // A strand has mostly one continuation at a time: one spare node is enough to allocate nothing.
        Continuation node = Interlocked.Exchange(ref _spare, null) ?? new Continuation(this);
        node.Callback = d;
        node.State = state;
        strand.PostContinuation(node);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (strand.IsCurrent)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                catch (Exception e)
                {
                    failure = e;
                }

                done.Set();
            },
            null);
        Reactor.BeforeWait();
        done.Wait();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    private sealed class Continuation(StrandContext owner) : StrandWork
    {
        internal SendOrPostCallback? Callback;
        internal object? State;

        internal override void Run(Strand strand, bool isCancelled)
        {
            SendOrPostCallback callback = Callback!;
            object? state = State;
            Callback = null;
            State = null;
            Volatile.Write(ref owner._spare, this);

            // Continuations run also after the strand was disposed: else what awaits would never end.
            callback(state);
        }
    }
}
