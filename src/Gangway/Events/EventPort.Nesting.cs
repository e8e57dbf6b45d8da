// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// Ports in ports.
public sealed partial class EventPort
{
    // Design:
    //
    // An inner port's inbox signals the outer's node when something is linked there. What only a poller of the inner one
    // would find, its descriptors and its times, the outer's poller finds for it: the inner epoll is in the outer's, and
    // the outer sleeps no longer than the inner's next time. So a port that is only ever looked at through another works.

    private const int DepthMax = 5;

    private static readonly Lock s_nesting = new();

    /// <summary>The places of this port at others; replaced, never changed.</summary>
    private PortNode[] _outer = [];

    /// <summary>The places of others at this one; replaced, never changed.</summary>
    private PortNode[] _inner = [];

    /// <summary>When an inner port must be looked at again at the latest; 0: now. The baton's holder.</summary>
    private long _insideWake = long.MaxValue;

    /// <summary>Binds another port: a packet says that it has packets, which are taken there.</summary>
    /// <param name="inner">The other one. It may be bound to several, and be waited on as well.</param>
    /// <param name="key">What the packets carry.</param>
    /// <param name="options">Priority and mode.</param>
    /// <exception cref="InvalidOperationException">It contains this one, or is it; or ports would be nested more than five deep.</exception>
    /// <exception cref="NotSupportedException">The inner port takes descriptors, and this one does not.</exception>
    /// <exception cref="ObjectDisposedException">One of them is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(EventPort inner, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(inner);
        options.Validate();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref inner._isDisposed), inner);
        if (inner.Epoll is not null && Epoll is null)
        {
            throw new NotSupportedException(
                "A port that uses no descriptors takes none that does. Make the inner one with EventPortOptions.UsesKernel = false.");
        }

        var node = new PortNode(this, inner, key, options);
        lock (s_nesting)
        {
            if (inner.Contains(this))
                throw new InvalidOperationException("A port cannot be bound to itself, or to one that it contains: neither would ever be empty.");
            if (inner.Depth + Height > DepthMax)
                throw new InvalidOperationException($"Ports are nested at most {DepthMax} deep.");
            Register(node);
            Errno errno = Epoll is { } outer && inner.Epoll is { } epoll
                ? outer.Add(epoll, EpollEvents.In | EpollEvents.Edge, EpollBackend.WakeData)
                : Errno.None;
            if (errno is not (Errno.None or Errno.EEXIST))
            {
                Unbind(node);
                throw new IOException($"The port cannot be bound: {errno.Describe()}.");
            }

            _inner = [.. _inner, node];
            inner._outer = [.. inner._outer, node];
        }

        Interlocked.MemoryBarrier();
        if (options.Mode != TriggerMode.Edge && inner.MayHavePackets)
            node.TrySignal(0);

        // A poller that sleeps already does not know the inner one's times, and its loop may pass for awake.
        WakePollers();
        return new Binding(node);
    }

    /// <summary>The epoll of this port, if it has one.</summary>
    internal Epoll? Epoll => (_backend as EpollBackend)?.Epoll;

    /// <summary>Whether a wait here may find something. Any thread; false only when what was linked before has been delivered.</summary>
    internal bool MayHavePackets => _inbox.HasPackets;

    private int Depth => 1 + _inner.Select(static node => node.Inner.Depth).DefaultIfEmpty(0).Max();

    private int Height => 1 + _outer.Select(static node => node.Port.Height).DefaultIfEmpty(0).Max();

    /// <summary>Something was linked here: whoever contains this port hears it.</summary>
    private void SignalOuter()
    {
        foreach (PortNode node in Volatile.Read(ref _outer))
            node.TrySignal(0);
    }

    /// <summary>The baton is free again: who came for packets in vain is told of those that are left, and pollers of ports around come once more.</summary>
    private void WakeWhoMissed(BatonMarks marks)
    {
        if ((marks & BatonMarks.Taker) != 0 && MayHavePackets)
        {
            SignalOuter();
            _watches.Wake((uint)DescriptorEvents.Readable);
        }

        if ((marks & BatonMarks.OuterPoller) == 0)
            return;
        foreach (PortNode node in Volatile.Read(ref _outer))
        {
            if (node.TakeMissed())
                node.Port.WakePollers();
        }
    }

    /// <summary>
    /// The baton is free again, and there is something of which the kernel does not tell: connections are hot, here or in a port
    /// inside, or the loop has its time. Whoever sleeps in a port that contains this one looks from now on.
    /// </summary>
    private void HandOver(EventPort? polls)
    {
        // Behind the release, as the outer poller announces its sleep before it tries for the baton.
        foreach (PortNode node in Volatile.Read(ref _outer))
        {
            if (node.Port != polls)
                node.Port.WakeSleepers();
        }

        HaveWatchersLook();
    }

    /// <summary>Wakes who sleeps here, or in a port that contains this one.</summary>
    private void WakeSleepers()
    {
        if (_inbox.MustWake)
            _backend.Wake();
        foreach (PortNode node in Volatile.Read(ref _outer))
            node.Port.WakeSleepers();
        HaveWatchersLook();
    }

    /// <summary>Has whoever polls here, or through a port that contains this one, look at the clock.</summary>
    internal void WakePollers()
    {
        _backend.Wake();
        foreach (PortNode node in Volatile.Read(ref _outer))
            node.Port.WakePollers();
        if (!_watches.IsEmpty && Epoll is null)
            AskClock(0);
    }

    /// <summary>The poller of a port that contains this one: finds what only a poller finds.</summary>
    /// <returns>When there is something to find at the latest.</returns>
    /// <param name="place">This one's place at that port.</param>
    private long LookForOuter(PortNode place)
    {
        // Who holds the baton here may have looked already, and the kernel tells the outer port's poller once: it is to be
        // woken when the baton is free, and to hear of our times then.
        if (!_baton.TryTake())
        {
            place.Miss();
            if (!_baton.TryTakeOrMark(BatonMarks.OuterPoller))
                return long.MaxValue;
            place.TakeMissed();
        }

        return LookAndHandBack(place.Port, mayVisit: true);
    }

    /// <summary>A place of this port at another has ended.</summary>
    internal void RemoveOuter(PortNode node)
    {
        lock (s_nesting)
        {
            _outer = [.. _outer.Where(other => other != node)];
            node.Port._inner = [.. node.Port._inner.Where(other => other != node)];
            if (node.Port.Epoll is { IsInvalid: false, IsClosed: false } outer && Epoll is { IsClosed: false } epoll
                && !node.Port._inner.Any(other => other.Inner == this))
            {
                outer.Remove(epoll);
            }
        }
    }

    /// <summary>The kernel says that an inner port may have something, and says it once: who holds the baton looks there, or has others look.</summary>
    internal void NoteInside()
    {
        if (_inner.Length != 0)
            _insideWake = 0;
    }

    /// <summary>Looks into the ports that this one contains.</summary>
    /// <returns>When to look again, at the latest.</returns>
    private long LookInside()
    {
        long next = long.MaxValue;

        // What an inner port's connections run here must not wait on this port, either. We may be in a visit already: a handler
        // that binds looks here. And the kernel may refuse an inner port's wait.
        int visitor = _loopVisitor;
        _loopVisitor = Environment.CurrentManagedThreadId;
        try
        {
            foreach (PortNode node in Volatile.Read(ref _inner))
                next = Math.Min(next, node.Inner.LookForOuter(node));
        }
        finally
        {
            _loopVisitor = visitor;
        }

        return next;
    }

    private bool Contains(EventPort other) => this == other || _inner.Any(node => node.Inner.Contains(other));
}
