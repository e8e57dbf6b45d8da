// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// Connections: a loop that the port's waiters run.
public sealed partial class EventPort
{
    // Design:
    //
    // The poller visits the loop between two looks at its queues: it polls the recently active connections without a system
    // call, and what their lanes signal goes straight to its queues. When none of them is active it sleeps in its own epoll,
    // which contains the loop's. While nobody waits here, nobody runs the loop: who must wait for something that comes by it
    // has a thread stand in (LoopHome).

    private readonly Lock _loopLock = new();
    private Reactor? _loop;

    /// <summary>Whether the kernel may have something for the loop. The baton's holder.</summary>
    private bool _isLoopRung;

    /// <summary>The thread that is inside of the loop, and perhaps of somebody's handler, with the baton.</summary>
    private int _loopVisitor;

    /// <summary>Binds an endpoint: a packet says that it is connected, that its connection has ended, or that there is room again.</summary>
    /// <param name="endpoint">Not bound anywhere; it need not be served by this port. What is so already is told at once.</param>
    /// <param name="key">What its packets carry; <see cref="Packet.Signals"/> are <see cref="EndpointEvents"/>.</param>
    /// <param name="options">Priority and mode.</param>
    /// <remarks>The endpoint's handler is told all the same; of packet and handler either may come first.</remarks>
    /// <exception cref="InvalidOperationException">It is bound already.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(Endpoint endpoint, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options.Validate();
        return Start(new EndpointNode(this, endpoint, key, options), endpoint.Events);
    }

    /// <summary>The loop of the connections that belong to this port; made when it is first asked for.</summary>
    /// <exception cref="NotSupportedException">This port uses no descriptors.</exception>
    internal Reactor Loop
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
            lock (_loopLock)
            {
                // Once more: Dispose sets the flag, then stops the loop under this lock.
                ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
                return _loop ?? MakeLoop();
            }
        }
    }

    private Reactor MakeLoop()
    {
        if (_backend is not EpollBackend backend)
        {
            throw new NotSupportedException(
                "This port uses no descriptors, and a connection has one. Make it without EventPortOptions.UsesKernel = false, and "
                + $"without {EventPortOptions.BackendVariable}=managed.");
        }

        var loop = new Reactor("gangway-port", this);
        Errno errno = backend.Epoll.Add(loop.Epoll, EpollEvents.In, EpollBackend.LoopData);
        if (errno != Errno.None)
        {
            loop.Stop(DisconnectReason.LocalFault);
            throw new IOException($"The port cannot take connections: {errno.Describe()}.");
        }

        Volatile.Write(ref _loop, loop);

        // A poller that sleeps already does not know of it.
        WakePollers();
        return loop;
    }

    /// <summary>The kernel says that a connection rings.</summary>
    internal void NoteLoopRung() => _isLoopRung = true;

    /// <summary>Whether the poller polls connections, and so does not sleep.</summary>
    private bool IsLoopHot => Volatile.Read(ref _loop) is { IsHot: true };

    /// <summary>A visit of the loop, if there may be something in it. The baton's holder.</summary>
    private void VisitLoop()
    {
        if (Volatile.Read(ref _loop) is not { } loop || (!_isLoopRung && !loop.IsHot))
            return;
        bool wasRung = _isLoopRung;
        _isLoopRung = false;
        _loopVisitor = Environment.CurrentManagedThreadId;
        loop.Visit(wasRung);
        _loopVisitor = 0;
    }

    /// <summary>Whether the caller is the poller, inside of a visit of the loop.</summary>
    private bool IsVisiting => Volatile.Read(ref _loopVisitor) is var visitor and not 0 && visitor == Environment.CurrentManagedThreadId;

    /// <summary>A handler that this port's own waiter runs must not wait on the port: nobody could come before it returns.</summary>
    private void ThrowIfVisiting()
    {
        if (IsVisiting)
        {
            throw new InvalidOperationException(
                "This handler runs inside of a wait on this port, and so cannot wait on it. Wait behind it, or have the handler run on "
                + "its strand (EndpointHandler.DispatchOf).");
        }
    }

    /// <summary>A look at the kernel and the clock has ended: the loop's time may be up, too.</summary>
    private void NoteLoopDue(long now)
    {
        if (Volatile.Read(ref _loop) is { } loop && loop.IsDue(now))
            _isLoopRung = true;
    }

    /// <summary>The poller is about to sleep.</summary>
    /// <param name="untilNs">Moved forward to when the loop has something to do.</param>
    /// <returns>False when it has something to do first.</returns>
    private bool TryRestLoop(ref long untilNs)
    {
        if (Volatile.Read(ref _loop) is not { } loop)
            return true;
        bool rests = loop.TryRest(out long wakeNs);
        untilNs = Math.Min(untilNs, wakeNs);
        _isLoopRung = true;
        return rests;
    }
}
