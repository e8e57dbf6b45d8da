// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

/// <summary>One wait for everything: what is ready of any number of bound sources, by priority, for any number of waiters.</summary>
/// <remarks>
/// Work in a wait is O(what it delivers), never O(what is bound), and so are bind, unbind and signal. A source that is
/// signalled takes one place, however often it is.
/// <b>Threads:</b> any. <b>Ownership:</b> a source that is bound is kept by the port. Dispose it when nobody waits any more;
/// who waits then gets an <see cref="ObjectDisposedException"/>. Source: Zircon's ports, Xen's event channels.
/// </remarks>
public sealed partial class EventPort : IDisposable
{
    // Design:
    //
    // A source that becomes pending links its node into the inbox (PortInbox) and wakes the poller if that sleeps. The
    // poller is the one waiter that holds the baton: it takes the inbox, sorts it into the queues by priority, and delivers.
    // The other waiters sleep on private words; who gives the baton up wakes one of them.
    //
    // A thread that ends a binding only closes its word; the node leaves the queues when the poller comes by it. So nobody
    // waits for the poller, and the poller for nobody. Who closes many that are linked sweeps, or they would pile up.
    //
    // INVARIANT: queues and timers belong to the baton's holder.

    private const int TurnsPerLook = 64;
    private const long LookIntervalNs = 50_000;

    private readonly PortInbox<ProcessMemory> _inbox = new();
    private readonly ReadyQueues _ready;
    private readonly SourceRegistry _registry = new();
    private readonly PortBackend _backend;
    private readonly PostedPackets _posted;
    private bool _isDisposed;
    private int _turns;
    private long _lastLook;
    private long _looks;
    private long _wholeLooks;

    /// <summary>Makes a port.</summary>
    /// <param name="options">How it waits. Default: <see cref="EventPortOptions"/> as it is.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="GangwayException">The kernel gives no descriptor.</exception>
    public EventPort(EventPortOptions? options = null)
    {
        options ??= new EventPortOptions();
        options.Validate();
        _ready = new ReadyQueues(options.StarvationBound);
        _posted = new PostedPackets(this, _registry, options.PostedMax);
        _asyncWaits = new AsyncWaits(this);
        _backend = PortBackend.Make(options);
    }

    /// <summary>How many sources are bound now.</summary>
    public int BindingCount => _registry.Count;

    /// <summary>When what is bound has its time.</summary>
    internal TimerWheel Timers { get; } = new(Deadline.Now);

    /// <summary>Binds a notification. What it holds already is delivered, except in mode <see cref="TriggerMode.Edge"/>.</summary>
    /// <param name="notification">Not bound anywhere.</param>
    /// <param name="key">The badge: what its packets carry. The signalling side neither sees nor chooses it.</param>
    /// <param name="options">Priority and mode.</param>
    /// <exception cref="InvalidOperationException">It is bound already; or 2^24 sources are.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(Notification notification, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        options.Validate();
        return Start(new NotificationNode(this, notification, PacketKind.Notification, key, options), notification);
    }

    /// <summary>Gives a notification its node.</summary>
    internal Binding Start(NotificationNode node, Notification notification)
    {
        Register(node);
        if (notification.TryBind(node))
            return new Binding(node);

        Unbind(node);
        throw new InvalidOperationException(
            "It is bound to a port already. Dispose that binding first; several ports need a notification each.");
    }

    /// <summary>Ends all bindings with a key, and drops what is queued of it, posted packets too.</summary>
    /// <param name="key">The key.</param>
    /// <returns>How many bindings and posted packets there were. A wait that begins afterwards returns none of them.</returns>
    /// <remarks><b>Cost:</b> O(what it ends), and a look at each posted packet that waits.</remarks>
    public int Cancel(ulong key)
    {
        int cancelled = _posted.Cancel(key);
        if (cancelled != 0)
            Sweep();
        while (_registry.OfKey(key) is { } node)
            cancelled += Unbind(node) ? 1 : 0;
        return cancelled;
    }

    /// <summary>
    /// Ends all bindings, and the connections that belong to it; who waits is told by an exception. A second time does nothing.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        foreach (SourceNode node in _registry.Close())
            Unbind(node);
        _watches.End();
        _asyncWaits.End();
        EndWaiting();
        lock (_loopLock)
            _loop?.Stop(DisconnectReason.Closed);
    }

    /// <summary>Ends a binding.</summary>
    /// <returns>False when it has ended before.</returns>
    internal bool Unbind(SourceNode node)
    {
        if (!node.TryClose(out Signals left, out bool wasLinked))
        {
            node.OnUnboundElsewhere();
            return false;
        }

        node.OnUnbound(left);
        _registry.Remove(node, wasLinked);
        if (wasLinked && Interlocked.Increment(ref _closedLinked) > SweepMin + _registry.Count)
            Sweep();
        return true;
    }

    /// <summary>A source's word says that its node is to be linked.</summary>
    internal void Link(SourceNode node)
    {
        if (IsVisiting)
        {
            // The poller itself, in the middle of what its connections brought: it has the queues, and is awake.
            TakeInbox();
            _ready.Add(node);
            _inbox.NoteQueues(areEmpty: false);

            // No swap here, as there is one below: what is queued comes before the look at what those who watch want.
            if (!_watches.IsEmpty)
                Interlocked.MemoryBarrier();
        }
        else
        {
            ulong first = _inbox.First;
            do
                node.NextNumber = first;
            while (!_inbox.TryPut((ulong)node.Number, ref first));

            if (_inbox.MustWake)
                _backend.Wake();
        }

        if (Volatile.Read(ref _outer).Length != 0)
            SignalOuter();
        _watches.Wake((uint)DescriptorEvents.Readable);
    }

    /// <summary>Gives a node its number.</summary>
    internal void Register(SourceNode node)
    {
        ObjectDisposedException.ThrowIf(!_registry.TryAdd(node), this);
    }
}
