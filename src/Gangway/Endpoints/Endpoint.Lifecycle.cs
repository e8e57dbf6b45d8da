// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// Connect, disconnect, dispose.
public sealed partial class Endpoint
{
    private bool _isDisposing;

    /// <summary>Connects. When it returns, calls and messages go.</summary>
    /// <exception cref="GangwayException">It did not succeed; the endpoint can try again. The message says why.</exception>
    /// <exception cref="InvalidOperationException">It is connected, or connecting, or made by a listener.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or its connection has ended.</exception>
    /// <remarks><b>Blocks:</b> up to <see cref="EndpointOptions.ConnectTimeout"/>.</remarks>
    public void Connect()
    {
        lock (_lifecycle)
        {
            ObjectDisposedException.ThrowIf(_isDisposing || State >= EndpointState.Disconnecting, this);
            if (State != EndpointState.Created)
                throw new InvalidOperationException($"The endpoint of {Address} is {State} already.");
            SetState(EndpointState.Connecting);
        }

        Link link;
        PeerIdentity peer;
        Reactor.BeforeWait();
        try
        {
            link = Connector.Connect(this, Deadline.After(Options.ConnectTimeout), out peer);
        }
        catch
        {
            lock (_lifecycle)
            {
                SetState(EndpointState.Created);
                if (_isDisposing)
                    BecomeDestroyed();
            }

            throw;
        }

        Attach(link, peer);
        ObjectDisposedException.ThrowIf(_isDisposing, this);
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
            Peer = peer;
            Volatile.Write(ref _link, link);
            SetState(EndpointState.Connected);
            _events?.Signal((uint)EndpointEvents.Connected);

            // On the strand, so that OnConnect comes before the first frame and never beside another callback; under the
            // lock, so that no End of a Dispose comes before Add.
            Strand.Queue(new LifecycleWork(OnLinkStarted));
            link.Start();
            if (_isDisposing)
                End(link);
        }
    }

    /// <summary>The link has ended, and everything that waited on it has its status. Runs on the loop, once.</summary>
    internal void OnLinkEnded(Link link, DisconnectReason reason)
    {
        lock (_lifecycle)
        {
            DisconnectReason = reason;
            DisconnectDetail = reason == DisconnectReason.PeerFault ? link.FaultDetail : null;
            SetState(EndpointState.Disconnecting);
            _events?.Signal((uint)EndpointEvents.Disconnected);
        }

        GangwayEvents.Log.Disconnected(Address.ToString(), reason.ToString(), DisconnectDetail ?? "");
        CancelPending();
        LinkEnded?.Invoke(this);

        // Behind every handler that is under way or queued.
        Strand.Queue(new LifecycleWork(OnQuiet));
    }

    private void OnQuiet()
    {
        Contain(() => _handler.OnDisconnect(this, DisconnectReason));
        Quiet?.Invoke(this);
        BecomeDestroyed();
    }

    /// <summary>For the listener that made it: the link has ended; handlers may still run. On the loop's thread.</summary>
    internal event Action<Endpoint>? LinkEnded;

    /// <summary>For the listener that made it: told after <see cref="EndpointHandler.OnDisconnect"/>.</summary>
    internal event Action<Endpoint>? Quiet;

    private void OnLinkStarted()
    {
        GangwayEvents.Log.Connected(Address.ToString(), Peer!.ToString());
        Contain(() => _handler.OnConnect(this));
    }

    private void BeginDispose()
    {
        lock (_lifecycle)
        {
            _isDisposing = true;
            if (State == EndpointState.Created)
                BecomeDestroyed();
            else if (State == EndpointState.Connected)
                End(_link!);
        }
    }

    private void End(Link link)
    {
        SetState(EndpointState.Disconnecting);
        link.EndSoon(DisconnectReason.Closed);
    }

    /// <summary>Whether what is queued need not run any more, because this side closes.</summary>
    private bool DropsQueued =>
        Volatile.Read(ref _isDisposing) || (IsAccepted && DisconnectReason == DisconnectReason.ListenerClosed);

    /// <summary>Completes when it is destroyed.</summary>
    internal Task Destroyed => _destroyed.Task;

    private void SetState(EndpointState state) => Volatile.Write(ref _state, (int)state);

    private void BecomeDestroyed()
    {
        SetState(EndpointState.Destroyed);
        _destroyed.TrySetResult();
    }

    private void Contain(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e)
        {
            GangwayEvents.Log.HandlerFailed(Address.Text, 0, e);
        }
    }

    /// <summary>A callback of the lifecycle: it runs, in its turn, whatever becomes of the strand.</summary>
    private sealed class LifecycleWork(Action callback) : StrandWork
    {
        internal override void Run(Strand strand, bool isCancelled) => callback();
    }
}
