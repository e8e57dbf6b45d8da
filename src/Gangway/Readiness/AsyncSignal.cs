// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>One source of an <see cref="AsyncSignalSource"/>, and its switch: the O_ASYNC flag of a descriptor.</summary>
/// <remarks><b>Threads:</b> any. <b>Ownership:</b> the <see cref="AsyncSignalSource"/> keeps it until one of them is disposed.</remarks>
public sealed class AsyncSignal : IDisposable
{
    private readonly Lock _switch = new();
    private readonly Func<AsyncSignal, SourceNode> _bind;
    private SourceNode? _node;
    private bool _isDisposed;

    // Its place in the source's queue, under the source's lock.
    private SourceNode? _from;
    private PacketKind _kind;
    private uint _bits;
    private uint _count;

    internal AsyncSignal(AsyncSignalSource source, ulong key, Func<AsyncSignal, SourceNode> bind)
    {
        Source = source;
        Key = key;
        _bind = bind;
    }

    /// <summary>What its packets carry.</summary>
    public ulong Key { get; }

    /// <summary>Whether it gives events. False after <see cref="EventPort.Cancel"/> of its key, too.</summary>
    public bool IsOn
    {
        get
        {
            lock (_switch)
                return _node is { IsClosed: false };
        }
    }

    internal AsyncSignalSource Source { get; }

    /// <summary>Behind it in the source's queue. The source's lock.</summary>
    internal AsyncSignal? NextWaiting { get; set; }

    /// <summary>Switches it on. No event comes of what the source is ready for now. Does nothing if it is on.</summary>
    /// <exception cref="IOException">The kernel refuses the descriptor.</exception>
    /// <exception cref="InvalidOperationException">The notification was bound elsewhere meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">This, its source, the owner or the handle is disposed.</exception>
    public void TurnOn()
    {
        lock (_switch)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_node is not { IsClosed: false })
                _node = _bind(this);
        }
    }

    /// <summary>Switches it off. A wait that begins afterwards returns no event of it, also none that waits. Does nothing if it is off.</summary>
    /// <remarks>What a descriptor becomes ready for meanwhile is never told. What a notification holds stays there.</remarks>
    public void TurnOff()
    {
        lock (_switch)
            TurnOffNow();
    }

    /// <summary>Switches it off for good.</summary>
    public void Dispose()
    {
        lock (_switch)
        {
            _isDisposed = true;
            TurnOffNow();
        }

        Source.Remove(this);
    }

    /// <summary>Under the source's lock: takes what a node delivered along with what waits.</summary>
    /// <returns>Whether it must be put into the queue: it does not stand there yet.</returns>
    internal bool TryUnite(SourceNode node, in Packet packet)
    {
        // What waits of before it was switched off was dropped by that, and leaves its place.
        bool isNew = _from is null;
        _from = node;
        _kind = packet.Kind;
        _bits |= packet.Signals;
        _count = (uint)Math.Min((ulong)_count + packet.Count, uint.MaxValue);
        return isNew;
    }

    /// <summary>Under the source's lock: what waits of a node is nobody's event. Its place in the queue stays.</summary>
    internal void Drop(SourceNode node)
    {
        if (_from != node || _count == 0)
            return;
        GiveBack(node, new Signals(_bits, _count));
        _bits = 0;
        _count = 0;
    }

    /// <summary>Under the source's lock: it stands in the queue no more, and what waited is nobody's event.</summary>
    internal void Leave()
    {
        if (_from is { } from)
            Drop(from);
        _from = null;
    }

    /// <summary>Under the source's lock, behind its place in the queue: its packet.</summary>
    /// <returns>False when it was switched off meanwhile.</returns>
    internal bool TryTake(out Packet packet)
    {
        SourceNode from = _from!;
        packet = new Packet(new Binding(from), Key, _kind, from.Priority, _bits, _count, 0, default);
        bool isDue = _count != 0 && !from.IsClosed;
        if (!isDue)
            Drop(from);
        _from = null;
        _bits = 0;
        _count = 0;
        return isDue;
    }

    /// <summary>A descriptor keeps what it is ready for; a notification has been emptied, and gets it back.</summary>
    internal static void GiveBack(SourceNode node, Signals signals)
    {
        if (node is AsyncNotificationNode notification)
            notification.GiveBack(signals);
    }

    private void TurnOffNow()
    {
        if (_node is { } node)
            Source.Owner.Unbind(node);
        _node = null;
    }
}
