// SPDX-License-Identifier: MIT

using System.Threading.Tasks.Sources;

namespace Gangway;

/// <summary>One awaited wait for a packet; used again for the next.</summary>
/// <remarks><b>Threads:</b> queued and completed under the lock of <see cref="AsyncWaits"/>; awaited by one.</remarks>
internal sealed class AsyncWait(AsyncWaits owner) : IValueTaskSource<Packet>
{
    // What follows the await goes on where it is completed: on the port's own thread, as a handler on a reactor's.
    private ManualResetValueTaskSourceCore<Packet> _core;
    private CancellationTokenRegistration _cancel;

    /// <summary>Starts a wait, under the owner's lock.</summary>
    internal ValueTask<Packet> Begin() => new(this, _core.Version);

    /// <summary>Has it end when the token is cancelled. Before anybody can await it, so it is this use that ends.</summary>
    internal void Watch(CancellationToken token)
    {
        if (token.CanBeCanceled)
            _cancel = token.UnsafeRegister(static (state, token) => ((AsyncWait)state!).OnCancelled(token), this);
    }

    internal void SetPacket(in Packet packet) => _core.SetResult(packet);

    internal void SetException(Exception exception) => _core.SetException(exception);

    /// <inheritdoc/>
    public Packet GetResult(short token)
    {
        _cancel.Dispose();
        _cancel = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            owner.Return(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken token)
    {
        if (owner.TryRemove(this))
            SetException(new OperationCanceledException(token));
    }
}
