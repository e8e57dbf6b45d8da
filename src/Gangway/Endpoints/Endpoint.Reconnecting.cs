// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// Attempts to connect, one after the other.
public sealed partial class Endpoint
{
    // Design:
    //
    // An attempt may wait for a server that is stopped, so it has a thread of its own, for as long as it takes: no endpoint waits for
    // the attempts of another one. Between two attempts there is a node in the clients' timer wheel, and no thread. _isTrying: an
    // attempt is under way; else, while the endpoint is open and has no connection, the node is armed.

    /// <summary>A connection that lasted so many times the first wait was one, and not a failure.</summary>
    private const int LivesPerDelay = 10;

    private readonly Retry? _retry;
    private ConnectAttempt? _attempt;
    private bool _isOpen;
    private ulong _lastEpoch;
    private long _connectedAt;
    private long _answeredAt;

    /// <summary>
    /// Why the last attempt came to nothing; null when the last one succeeded, and before the first. For attempts that nobody waits
    /// for (<see cref="EndpointOptions.Reconnect"/>).
    /// </summary>
    public GangwayException? ConnectFailure { get; private set; }

    /// <summary>Starts to connect, and goes on until it is disposed: whoever serves the address, now or later, and again after an end.</summary>
    /// <exception cref="InvalidOperationException">
    /// It has no <see cref="EndpointOptions.Reconnect"/>, or is connected, or connecting, or was opened before.
    /// </exception>
    /// <exception cref="GangwayException">This process gets no more threads or descriptors.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>
    /// <b>Blocks:</b> never, and reaches nobody: <see cref="EndpointHandler.OnAppear"/> and <see cref="EndpointHandler.OnConnect"/> follow, or
    /// <see cref="WaitForConnectAsync"/> waits for them. <b>Threads:</b> each attempt has one of its own, for as long as it takes; between
    /// them there is none.
    /// </remarks>
    public void Open()
    {
        if (_retry is null)
        {
            throw new InvalidOperationException(
                $"Open keeps connecting to {Address}: it needs EndpointOptions.Reconnect, which says how often. Connect() tries once.");
        }

        _retry.Prepare();
        lock (_lifecycle)
        {
            RequireUnused();
            _isOpen = true;
            BeginTry();
        }
    }

    private void RequireUnused()
    {
        ObjectDisposedException.ThrowIf(_isDisposing || (State >= EndpointState.Disconnecting && _retry is null), this);
        if (State != EndpointState.Created || _isTrying || _isOpen || IsAccepted)
            throw new InvalidOperationException($"The endpoint of {Address} is {(_isTrying ? EndpointState.Connecting : State)} already.");
    }

    /// <summary>Has a thread try. Under the lock.</summary>
    private void BeginTry()
    {
        _isTrying = true;
        if (_hasAppeared)
            Move(EndpointState.Connecting, new ConnectionId(PairId, _lastEpoch + 1));

        // Starting a thread waits until it runs: not here, which may be a loop, and is under the lock.
        ThreadPool.UnsafeQueueUserWorkItem(_retry!, preferLocal: false);
    }

    private void StartTry()
    {
        try
        {
            new Thread(TryOnce) { Name = $"gangway-connect {Address}", IsBackground = true }.UnsafeStart();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            lock (_lifecycle)
                EndTry(new GangwayException(ConnectError.System, Address.Text,
                $"Cannot connect to '{Address}': this process gets no more threads ({e.Message}). It tries again."));
        }
    }

    private void TryOnce()
    {
        GangwayException failure;
        try
        {
            Try();
            return;
        }
        catch (GangwayException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            failure = new GangwayException(ConnectError.System, Address.Text, $"Cannot connect to '{Address}': {e.Message}");
        }

        lock (_lifecycle)
            EndTry(failure);
    }

    /// <summary>One attempt, on this thread.</summary>
    private void Try()
    {
        ConnectAttempt attempt;
        lock (_lifecycle)
        {
            attempt = new ConnectAttempt(new ConnectionId(PairId, ++_lastEpoch), Deadline.After(Options.ConnectTimeout));
            if (_isDisposing)
                attempt.Abort();
            _attempt = attempt;
        }

        try
        {
            Link link = Connector.Connect(this, attempt, out PeerIdentity peer);
            ConnectFailure = null;
            Attach(link, peer);
        }
        finally
        {
            // A later one may be under way already: this one's connection may have ended.
            lock (_lifecycle)
            {
                if (_attempt == attempt)
                    _attempt = null;
            }
        }
    }

    /// <summary>An attempt came to nothing. Under the lock.</summary>
    private void EndTry(GangwayException failure)
    {
        _isTrying = false;
        ConnectFailure = failure;
        if (_hasAppeared)
            Move(EndpointState.Appeared);
        if (_isDisposing)
        {
            LeaveSoon();
            return;
        }

        long now = Deadline.Now;
        bool isGone = failure.Error is ConnectError.NotFound or ConnectError.NotServed;
        if (failure.IsAnswer)
        {
            _answeredAt = now;
            Appear();
        }
        else if (_hasAppeared && (isGone || now - _answeredAt > Nanoseconds(Options.Reconnect!.DisappearAfter)))
        {
            Disappear();
        }

        TryAgain(hasFailed: true);
    }

    /// <summary>
    /// The next attempt: at once behind a connection that lasted and that neither side ended because of the other, else in a while. Under
    /// the lock.
    /// </summary>
    private void TryAgain(bool hasFailed)
    {
        Retry retry = _retry!;
        if (!hasFailed)
        {
            _answeredAt = Deadline.Now;
            bool isRefusal = DisconnectReason is DisconnectReason.Revoked or DisconnectReason.PeerFault or DisconnectReason.ClosedByPeerFault;
            if (!isRefusal && _answeredAt - _connectedAt >= LivesPerDelay * Nanoseconds(Options.Reconnect!.FirstDelay))
            {
                retry.BackOff.Reset();
                BeginTry();
                return;
            }
        }

        retry.Loop.Watch(retry, Deadline.After(retry.BackOff.Next()));
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The wait is over.</summary>
    private void OnRetryDue()
    {
        lock (_lifecycle)
        {
            if (!_isDisposing && !_isTrying && State is EndpointState.Created or EndpointState.Appeared or EndpointState.Disappeared)
                BeginTry();
        }
    }

    /// <summary>Its place in the timer wheel between two attempts, and in the thread pool, which starts the thread of the next one.</summary>
    private sealed class Retry(Endpoint endpoint, ReconnectOptions options) : TimerNode, IThreadPoolWorkItem
    {
        private Reactor? _loop;

        /// <summary>Whose wheel it is.</summary>
        internal Reactor Loop => _loop!;

        /// <summary>Takes what the attempts need, where failing can be told.</summary>
        /// <exception cref="GangwayException">The system gives no thread or descriptor.</exception>
        internal void Prepare() => _loop ??= Reactor.Clients;

        void IThreadPoolWorkItem.Execute() => endpoint.StartTry();

        internal BackOff BackOff { get; } = new(options);

        internal override void OnDue(long now) => endpoint.OnRetryDue();
    }
}
