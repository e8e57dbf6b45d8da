// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>
/// What O_ASYNC and FIOASYNC should be: one event each time a source becomes ready again, in a bounded queue, for an owner.
/// </summary>
/// <remarks>
/// <para>The owner is an <see cref="EventPort"/>: events are packets of it, with the key of the source that became ready.
/// Their kind is <see cref="PacketKind.Descriptor"/> or <see cref="PacketKind.Notification"/>, as if the source were bound
/// there in mode <see cref="TriggerMode.Edge"/>. A source stays on until it is switched off. Switching it on gives no event,
/// also if it is ready then: look at it once, afterwards.</para>
/// <para>Each data that arrives is an event, also while the source is not drained; what arrives before the event was taken
/// goes along with it. To drain gives none. A hang-up and an error are events.</para>
/// <para>At most <see cref="Quota"/> sources wait with an event of their own. One more, and they all become one packet of
/// kind <see cref="PacketKind.PollEverything"/> with the key of this: whoever gets it looks at every source until it would
/// block, and has lost nothing.</para>
/// <para><b>Threads:</b> any. <b>Blocks:</b> never. <b>Allocates:</b> where a source is added or switched on; an event nothing.
/// <b>Cost:</b> O(1) for an event, beside the port's own. Source: Linux's <c>fcntl(F_SETOWN, F_SETSIG, O_ASYNC)</c>; what is
/// different stands in docs/BACKENDS.md.</para>
/// </remarks>
public sealed class AsyncSignalSource : IDisposable
{
    // Design:
    //
    // Each source has a node at the owner, in mode Edge, which delivers no packet: the baton's holder hands what it has over
    // to the queue here, and signals one more node, which delivers the queue, a packet each time. All have one priority, so
    // that node comes behind those that were ready before, and the queue holds what is ready at a time.
    //
    // The queue goes through the AsyncSignals: one stands in it once, and unites what comes meanwhile. One that is switched
    // off is emptied, and leaves its place when its turn comes. An event that is dropped gives a notification its bits back:
    // who polls everything finds them there.
    //
    // Locks: this one inside of an AsyncSignal's, and around a notification's.
    //
    // INVARIANT: _waiting <= Quota; something waits, or everything must be polled, only while _node is signalled.

    private readonly Lock _lock = new();
    private readonly HashSet<AsyncSignal> _all = [];
    private readonly AsyncSignalNode _node;
    private AsyncSignal? _first;
    private AsyncSignal? _last;
    private int _waiting;
    private uint _collapsed;
    private bool _isDisposed;

    /// <summary>Makes one without sources.</summary>
    /// <param name="owner">Who gets the events. It keeps this until this is disposed; when it is disposed, so is this.</param>
    /// <param name="key">What the packet "poll everything" carries.</param>
    /// <param name="quota">How many sources may wait with an event of their own; at least 1.</param>
    /// <param name="priority">Of all its packets: 0, the highest, to 15.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quota or the priority is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The owner is disposed.</exception>
    public AsyncSignalSource(EventPort owner, ulong key, int quota = 1024, int priority = 7)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentOutOfRangeException.ThrowIfLessThan(quota, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, BindingOptions.LowestPriority);
        Owner = owner;
        Quota = quota;
        Options = new BindingOptions { Mode = TriggerMode.Edge, Priority = priority };
        _node = new AsyncSignalNode(owner, this, key, Options);
        owner.Register(_node);
    }

    /// <summary>Who gets the events.</summary>
    public EventPort Owner { get; }

    /// <summary>How many sources may wait with an event of their own.</summary>
    public int Quota { get; }

    /// <summary>How its nodes are bound.</summary>
    internal BindingOptions Options { get; }

    /// <summary>Adds a descriptor, and switches it on.</summary>
    /// <param name="handle">One that epoll takes, in non-blocking mode. It stays the caller's; dispose the result before it.</param>
    /// <param name="interest">What is an event, beside errors and hang-ups.</param>
    /// <param name="key">What its packets carry.</param>
    /// <exception cref="IOException">The kernel refuses: EPERM for a regular file, EEXIST for one that is bound to the owner already.</exception>
    /// <exception cref="NotSupportedException">The owner uses no descriptors.</exception>
    /// <exception cref="ObjectDisposedException">This, the owner or the handle is disposed.</exception>
    public AsyncSignal Add(SafeHandle handle, DescriptorEvents interest, ulong key)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Add(new AsyncSignal(this, key, signal =>
        {
            var node = new AsyncDescriptorNode(Owner, Owner.DescriptorBackend, handle, interest, signal);
            Owner.Start(node, isMasked: false);
            return node;
        }));
    }

    /// <summary>Adds a socket: <see cref="Add(SafeHandle, DescriptorEvents, ulong)"/>.</summary>
    /// <param name="socket">In non-blocking mode.</param>
    /// <param name="interest">What is an event, beside errors and hang-ups.</param>
    /// <param name="key">What its packets carry.</param>
    public AsyncSignal Add(Socket socket, DescriptorEvents interest, ulong key)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Add(socket.SafeHandle, interest, key);
    }

    /// <summary>Adds a notification, and switches it on. What it holds already comes with its next signal.</summary>
    /// <param name="notification">Not bound anywhere.</param>
    /// <param name="key">What its packets carry.</param>
    /// <exception cref="InvalidOperationException">It is bound already.</exception>
    /// <exception cref="ObjectDisposedException">This or the owner is disposed.</exception>
    public AsyncSignal Add(Notification notification, ulong key)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return Add(new AsyncSignal(this, key, signal =>
        {
            var node = new AsyncNotificationNode(Owner, notification, signal);
            Owner.Start(node, notification);
            return node;
        }));
    }

    /// <summary>Ends all its sources; what waits is dropped. A second time does nothing.</summary>
    public void Dispose()
    {
        AsyncSignal[] all;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            all = [.. _all];
        }

        foreach (AsyncSignal signal in all)
            signal.Dispose();
        Owner.Unbind(_node);
    }

    /// <summary>A source was disposed.</summary>
    internal void Remove(AsyncSignal signal)
    {
        lock (_lock)
            _all.Remove(signal);
    }

    /// <summary>A node's binding has ended: what waits of it is dropped.</summary>
    internal void Forget(AsyncSignal signal, SourceNode node)
    {
        lock (_lock)
            signal.Drop(node);
    }

    /// <summary>The baton's holder: a source's node delivered this.</summary>
    internal void HandOver(AsyncSignal signal, SourceNode node, in Packet packet)
    {
        lock (_lock)
        {
            // It may have been switched off behind the look that found it.
            bool isOff = node.IsClosed;
            if (isOff || _collapsed != 0)
            {
                _collapsed += isOff ? 0u : 1;
                AsyncSignal.GiveBack(node, new Signals(packet.Signals, packet.Count));
            }
            else if (signal.TryUnite(node, packet))
            {
                Put(signal);
            }
        }

        _node.TrySignal(0);
    }

    /// <summary>The baton's holder: the next packet.</summary>
    /// <param name="packet">What to deliver.</param>
    /// <param name="hasMore">Whether there is another one behind it.</param>
    /// <returns>False when nothing waits.</returns>
    internal bool TryTake(out Packet packet, out bool hasMore)
    {
        lock (_lock)
        {
            hasMore = false;
            packet = default;
            if (_collapsed != 0)
            {
                packet = new Packet(new Binding(_node), _node.Key, PacketKind.PollEverything, _node.Priority, 0, _collapsed, 0, default);
                _collapsed = 0;
                return true;
            }

            while (_first is { } signal)
            {
                _first = signal.NextWaiting;
                _waiting--;
                hasMore = _first is not null;
                if (signal.TryTake(out packet))
                    return true;
            }

            return false;
        }
    }

    private void Put(AsyncSignal signal)
    {
        if (_waiting == Quota)
        {
            // The one that had no place is among them. Who polls everything finds what they all were about.
            _collapsed = (uint)_waiting + 1;
            for (AsyncSignal? waiting = _first; waiting is not null; waiting = waiting.NextWaiting)
                waiting.Leave();
            signal.Leave();
            _first = null;
            _waiting = 0;
            return;
        }

        signal.NextWaiting = null;
        if (_first is null)
            _first = signal;
        else
            _last!.NextWaiting = signal;
        _last = signal;
        _waiting++;
    }

    private AsyncSignal Add(AsyncSignal signal)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _all.Add(signal);
        }

        try
        {
            signal.TurnOn();
        }
        catch
        {
            signal.Dispose();
            throw;
        }

        return signal;
    }
}
