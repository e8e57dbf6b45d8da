// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// The automaton: appear, connect, disconnect, disappear; and dispose.
public sealed partial class Endpoint
{
    // Design:
    //
    // created → [ appeared → [ connecting → connected → disconnecting ]* → disappeared ]* → destroyed. Each arrow is a Move under
    // _lifecycle, which also queues its callback, so that the callbacks come in the same order, on the strand, one at a time. What
    // comes of a disconnect is decided in the turn in which its callback ended: connect again, or leave.
    //
    // Who is to go on with an endpoint that is being disposed: the end of its connection, of the attempt that is under way, or,
    // if there is neither, Dispose itself.

    private LifeStep _life = new(default);
    private bool _isDisposing;
    private bool _isTrying;
    private bool _isLeaving;
    private bool _hasAppeared;
    private bool _wasSeen;
    private CancellationTokenSource? _disconnected;

    /// <summary>Where it is in its life. May change at any time.</summary>
    public EndpointState State => Volatile.Read(ref _life).Change.State;

    /// <summary>
    /// The number of its connection, or the last one, or of the attempt of <see cref="EndpointState.Connecting"/>: it rises with each attempt,
    /// and is the same at both ends. 0 before the first connection. <see cref="EndpointChange"/> has it together with <see cref="PairId"/>.
    /// </summary>
    public ulong Epoch => Volatile.Read(ref _life).Change.Epoch;

    /// <summary>
    /// Which two endpoints: 128 random bits, the same at both ends. A connection has that of the one before, if the listening side had not
    /// forgotten it when it was asked: it remembers it until the end of the connection is over. All zero before the first connection.
    /// </summary>
    public Guid PairId => Volatile.Read(ref _life).Change.PairId;

    /// <summary>
    /// Cancelled when the connection that it has now ends; cancelled already when it has none. What is registered runs on the thread
    /// pool. <b>Allocates:</b> once for each connection.
    /// </summary>
    public CancellationToken Disconnected
    {
        get
        {
            lock (_lifecycle)
            {
                return State == EndpointState.Connected
                    ? (_disconnected ??= new CancellationTokenSource()).Token
                    : new CancellationToken(canceled: true);
            }
        }
    }

    /// <summary>For tests: sees each step of each endpoint of this process.</summary>
    internal static Action<Endpoint, EndpointChange>? Witness { get; set; }

    /// <summary>Connects, in one attempt. When it returns, calls and messages go.</summary>
    /// <exception cref="GangwayException">It did not succeed; the endpoint can try again. The message says why.</exception>
    /// <exception cref="InvalidOperationException">It is connected, or connecting, or made by a listener, or was opened.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or its connection has ended.</exception>
    /// <remarks>
    /// <b>Blocks:</b> as <see cref="EndpointOptions.ConnectTimeout"/> says; not longer than until it is disposed. With <see cref="EndpointOptions.Reconnect"/> it connects again by
    /// itself from then on, when a connection ends.
    /// </remarks>
    public void Connect()
    {
        _retry?.Prepare();
        lock (_lifecycle)
        {
            RequireUnused();
            _isTrying = true;
        }

        Reactor.BeforeWait();
        try
        {
            Try();
        }
        catch (Exception e)
        {
            lock (_lifecycle)
            {
                _isTrying = false;
                ConnectFailure = e as GangwayException;
                if (_isDisposing)
                    LeaveSoon();
            }

            ObjectDisposedException.ThrowIf(_isDisposing, this);
            throw;
        }

        ObjectDisposedException.ThrowIf(_isDisposing, this);
    }

    /// <summary>Completes when it is connected.</summary>
    /// <param name="cancellationToken">Ends the wait, not the attempts.</param>
    /// <exception cref="ObjectDisposedException">It was destroyed before, or while this waited.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>
    /// Who comes while it is connected does not wait. It waits for <see cref="Open"/> or <see cref="Connect"/>, whoever calls that;
    /// <see cref="ConnectFailure"/> says why it takes so long. Not to be awaited in a handler's <see cref="EndpointHandler.OnDisconnectAsync"/>,
    /// behind which the next connection comes.
    /// </remarks>
    public async ValueTask WaitForConnectAsync(CancellationToken cancellationToken = default)
    {
        LifeStep step = Volatile.Read(ref _life);
        while (step.Change.State != EndpointState.Connected)
        {
            ObjectDisposedException.ThrowIf(step.Change.State == EndpointState.Destroyed, this);
            step = await step.Next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The steps of its life from the one that it is at now, each one, in order, up to <see cref="EndpointState.Destroyed"/>.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <remarks>
    /// A reader that is slow misses none; what it has not read is kept. <b>Threads:</b> any number of readers, each with all steps. A step
    /// may be seen before or after the handler's callback of it.
    /// </remarks>
    public async IAsyncEnumerable<EndpointChange> ChangesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        LifeStep step = Volatile.Read(ref _life);
        yield return step.Change;
        while (step.Change.State != EndpointState.Destroyed)
        {
            step = await step.Next.WaitAsync(cancellationToken).ConfigureAwait(false);
            yield return step.Change;
        }
    }

    /// <summary>Closes the connection. What is outstanding ends with a status; messages sent before are still delivered.</summary>
    /// <remarks>
    /// <b>Blocks:</b> until all is quiet and every descriptor is closed. Inside a handler, of whatever endpoint, it returns
    /// at once and completes later.
    /// </remarks>
    public void Dispose()
    {
        BeginDispose();
        if (Reactor.IsInHandler)
            return;
        Reactor.BeforeWait();
        _destroyed.Task.Wait();
    }

    /// <summary>Closes the connection, and completes when all is quiet; inside a handler, of whatever endpoint, at once.</summary>
    public ValueTask DisposeAsync()
    {
        BeginDispose();
        return Reactor.IsInHandler ? ValueTask.CompletedTask : new ValueTask(_destroyed.Task);
    }

    /// <summary>Takes a link that is set up. Frames are received from here on.</summary>
    internal void Attach(Link link, PeerIdentity peer)
    {
        lock (_lifecycle)
        {
            _isTrying = false;
            Peer = peer;
            _connectedAt = Deadline.Now;
            Appear();
            if (State != EndpointState.Connecting)
                Move(EndpointState.Connecting, link.Id);

            // On the strand, so that OnConnect comes before the first frame and never beside another callback; before anybody can
            // find the link, because a frame inside a process may come as soon as somebody sends; and under the lock, so that no
            // End of a Dispose comes before Add.
            Queue(OnConnected);
            Volatile.Write(ref _link, link);
            Move(EndpointState.Connected, link.Id);
            _events?.Signal((uint)EndpointEvents.Connected);
            link.Start();
            if (_isDisposing)
                link.EndSoon(DisconnectReason.Closed);
        }
    }

    /// <summary>The link has ended, and everything that waited on it has its status. Runs on the loop, once for each link.</summary>
    internal void OnLinkEnded(Link link, DisconnectReason reason)
    {
        CancellationTokenSource? disconnected;
        lock (_lifecycle)
        {
            DisconnectReason = reason;
            DisconnectDetail = reason == DisconnectReason.PeerFault ? link.FaultDetail : null;
            link.MarkEnded();
            Move(EndpointState.Disconnecting, link.Id, reason);
            _events?.Signal((uint)EndpointEvents.Disconnected);
            disconnected = _disconnected;
            _disconnected = null;
        }

        GangwayEvents.Log.Disconnected(Address.ToString(), reason.ToString(), DisconnectDetail ?? "");
        _ = disconnected?.CancelAsync();
        link.CancelPending();
        LinkEnded?.Invoke(this);

        // Behind every handler that is under way or queued.
        Strand.Queue(new LifecycleWork(() => _handler.OnDisconnectAsync(this, reason), () => OnQuiet(link), OnFailed));
    }

    /// <summary>For the listener that made it: the link has ended; handlers may still run. On the loop's thread.</summary>
    internal event Action<Endpoint>? LinkEnded;

    /// <summary>For the listener that made it: told behind its last callback.</summary>
    internal event Action<Endpoint>? Quiet;

    /// <summary>Whether what is queued need not run any more, because this side closes.</summary>
    private bool DropsQueued =>
        Volatile.Read(ref _isDisposing) || (IsAccepted && DisconnectReason == DisconnectReason.ListenerClosed);

    /// <summary>Completes when it is destroyed.</summary>
    internal Task Destroyed => _destroyed.Task;

    /// <summary>The disconnect is over, at this end. In the strand's turn.</summary>
    private void OnQuiet(Link link)
    {
        link.MarkOver();
        lock (_lifecycle)
        {
            if (_retry is not null && !_isDisposing)
            {
                Move(EndpointState.Appeared);
                TryAgain(hasFailed: false);
                return;
            }

            _isLeaving = true;
        }

        Leave();
    }

    private ValueTask OnConnected()
    {
        // It may have been queued a moment before the endpoint was connected.
        lock (_lifecycle)
        {
        }

        GangwayEvents.Log.Connected(Address.ToString(), Peer!.ToString());
        _handler.OnConnect(this);
        return ValueTask.CompletedTask;
    }

    private void BeginDispose()
    {
        lock (_lifecycle)
        {
            _isDisposing = true;
            _attempt?.Abort();

            // One that a listener made, and that nobody has attached yet: who does sees to it.
            if (IsAccepted && State == EndpointState.Created)
                return;
            if (State == EndpointState.Connected)
                _link!.EndSoon(DisconnectReason.Closed);
            else if (!_isTrying && State != EndpointState.Disconnecting)
                LeaveSoon();
        }
    }

    /// <summary>Somebody serves the address. Under the lock.</summary>
    private void Appear()
    {
        if (_hasAppeared)
            return;
        _hasAppeared = _wasSeen = true;
        Move(EndpointState.Appeared);
        Queue(() =>
        {
            _handler.OnAppear(this);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Nobody does any more. Under the lock.</summary>
    private void Disappear()
    {
        _hasAppeared = false;
        Move(EndpointState.Disappeared);
        Queue(OnDisappeared);
    }

    private ValueTask OnDisappeared()
    {
        _handler.OnDisappear(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>It has no connection and tries no more: behind its callbacks it is destroyed. Under the lock.</summary>
    private void LeaveSoon()
    {
        if (_isLeaving)
            return;
        _isLeaving = true;
        _retry?.Withdraw();
        if (_wasSeen)
            Strand.Queue(new LifecycleWork(static () => ValueTask.CompletedTask, Leave, OnFailed));
        else
            BecomeDestroyed();
    }

    /// <summary>The last callback, if one is owed, and the end. In the strand's turn.</summary>
    private void Leave()
    {
        bool hasAppeared;
        lock (_lifecycle)
        {
            hasAppeared = _hasAppeared;
            _hasAppeared = false;
            if (hasAppeared)
                Move(EndpointState.Disappeared);
        }

        if (hasAppeared)
        {
            try
            {
                _handler.OnDisappear(this);
            }
            catch (Exception e)
            {
                OnFailed(e);
            }
        }

        Quiet?.Invoke(this);
        lock (_lifecycle)
            BecomeDestroyed();
    }

    private void BecomeDestroyed()
    {
        Move(EndpointState.Destroyed);
        _destroyed.TrySetResult();
    }

    /// <summary>Comes to a state, if it is not there. Under the lock.</summary>
    private void Move(EndpointState state, ConnectionId? id = null, DisconnectReason reason = DisconnectReason.None)
    {
        LifeStep last = _life;
        if (last.Change.State == state)
            return;
        var change = new EndpointChange(state, id?.Pair ?? last.Change.PairId, id?.Epoch ?? last.Change.Epoch, reason);
        var next = new LifeStep(change);
        Volatile.Write(ref _life, next);
        Witness?.Invoke(this, change);
        last.Follow(next);
    }

    private void Queue(Func<ValueTask> callback) => Strand.Queue(new LifecycleWork(callback, null, OnFailed));

    private void OnFailed(Exception e) => GangwayEvents.Log.HandlerFailed(Address.Text, 0, e);

    private void Contain(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e)
        {
            OnFailed(e);
        }
    }
}
