// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>A source at a port: its word, its place in the port's queues, and what its packets carry.</summary>
/// <remarks>
/// Made at bind and never used again, so whoever holds one late finds it closed. <b>Threads:</b> see the members.
/// </remarks>
internal class SourceNode
{
    private ulong _word;

    internal SourceNode(EventPort port, ulong key, PacketKind kind, BindingOptions options)
    {
        Port = port;
        Key = key;
        Kind = kind;
        Priority = options.Priority;
        Mode = options.Mode;
        if (options.IsMasked)
            SourceWord<ProcessMemory>.TryMask(ref _word);
    }

    internal EventPort Port { get; }

    internal ulong Key { get; private protected set; }

    internal PacketKind Kind { get; }

    /// <summary>Read when it is next linked into a queue.</summary>
    internal int Priority { get; private protected set; }

    internal TriggerMode Mode { get; private set; }

    /// <summary>What its word does at delivery.</summary>
    private protected virtual TriggerMode WordMode => Mode;

    /// <summary>Its number at the port, from 1; 0 while it has none. The port's registry.</summary>
    internal int Number { get; set; }

    /// <summary>The number that was linked before it. Written by who links it, read by who took it.</summary>
    internal ulong NextNumber { get; set; }

    /// <summary>Behind it in the queue of its priority. The baton's holder.</summary>
    internal SourceNode? NextInQueue { get; set; }

    /// <summary>Neighbours with the same key. The port's registry.</summary>
    internal SourceNode? PreviousOfKey { get; set; }

    /// <inheritdoc cref="PreviousOfKey"/>
    internal SourceNode? NextOfKey { get; set; }

    /// <summary>Whether its binding has ended. A node that lies in a queue then is dropped; see <see cref="Delivered.Dropped"/>.</summary>
    internal bool IsClosed => SourceWord<ProcessMemory>.IsClosed(ProcessMemory.Read(in _word, Order.SourceTake));

    /// <summary>Whether it lies in a queue with nothing that could be delivered any more. The baton's holder.</summary>
    internal virtual bool IsDead => IsClosed;

    /// <summary>Any thread: something happened.</summary>
    /// <returns>False when the binding has ended.</returns>
    internal bool TrySignal(uint bits, uint count = 1)
    {
        if (!SourceWord<ProcessMemory>.TrySignal(ref _word, bits, count, mayLink: true, out bool mustLink))
            return false;
        if (mustLink)
            Link();
        return true;
    }

    /// <summary>The word says that it is to be queued now, and by nobody else.</summary>
    private protected virtual void Link() => Port.Link(this);

    /// <summary>Ends its binding.</summary>
    internal virtual void Unbind() => Port.Unbind(this);

    /// <summary>Whether what was pending before the bind is told at once.</summary>
    internal virtual bool TakesWhatIsHeld => Mode != TriggerMode.Edge;

    /// <summary>What was pending before the bind, in mode <see cref="TriggerMode.Edge"/>: it comes with the next signal.</summary>
    /// <returns>False when the binding has ended.</returns>
    internal bool TryHold(uint bits, uint count) => SourceWord<ProcessMemory>.TryHold(ref _word, bits, count);

    /// <summary>Takes what is pending without the port.</summary>
    /// <returns>False when the binding has ended: what was pending has moved on.</returns>
    internal bool TryTake(out Signals signals)
    {
        ulong value = SourceWord<ProcessMemory>.Take(ref _word);
        bool isOpen = (value & SourceWord<ProcessMemory>.Closed) == 0;
        signals = isOpen ? SignalsOf(value) : default;
        return isOpen;
    }

    /// <summary>Whether something is pending.</summary>
    /// <returns>False when the binding has ended: what was pending has moved on.</returns>
    internal bool TryPeek(out bool isPending)
    {
        ulong value = ProcessMemory.Read(in _word, Order.SourceTake);
        isPending = SourceWord<ProcessMemory>.IsPending(value);
        return !SourceWord<ProcessMemory>.IsClosed(value);
    }

    /// <summary>Ends it.</summary>
    /// <param name="left">What was pending.</param>
    /// <param name="wasLinked">Whether the port comes by it once more.</param>
    /// <returns>False when it has ended before.</returns>
    internal bool TryClose(out Signals left, out bool wasLinked)
    {
        ulong held = SourceWord<ProcessMemory>.Close(ref _word);
        left = SignalsOf(held);
        wasLinked = (held & SourceWord<ProcessMemory>.Linked) != 0;
        return (held & SourceWord<ProcessMemory>.Closed) == 0;
    }

    internal bool TryMask() => SourceWord<ProcessMemory>.TryMask(ref _word);

    /// <summary>Lets it be delivered again.</summary>
    internal virtual bool TryArm()
    {
        if (!SourceWord<ProcessMemory>.TryUnmask(ref _word, keepsHeld: Mode == TriggerMode.Edge, out bool mustLink))
            return false;
        if (mustLink)
            Link();
        return true;
    }

    internal virtual bool TryModify(BindingOptions options)
    {
        Priority = options.Priority;
        Mode = options.Mode;
        return options.IsMasked ? TryMask() : TryArm();
    }

    /// <summary>The baton's holder has taken it out of its queue.</summary>
    /// <param name="packet">What to deliver, if there is something.</param>
    internal virtual Delivered Deliver(out Packet packet)
    {
        // Whether it is closed is what the swap found. Who looks later may find a close that came behind the swap, by a
        // thread that saw the node unlinked and has freed its number itself.
        TriggerMode mode = WordMode;
        packet = default;
        if (!SourceWord<ProcessMemory>.TryDeliver(ref _word, mode, out ulong value))
            return SourceWord<ProcessMemory>.IsClosed(value) ? Delivered.Dropped : Delivered.Nothing;
        packet = Make(SignalsOf(value));
        return mode == TriggerMode.Level ? Delivered.AgainNextTime : Delivered.Once;
    }

    /// <summary>The packet of these signals.</summary>
    protected virtual Packet Make(Signals signals) =>
        new(new Binding(this), Key, Kind, Priority, signals.Bits, signals.Count, 0, default);

    /// <summary>The binding has ended: what it watched is let go. Once, on the thread that ended it.</summary>
    internal virtual void OnUnbound(Signals left)
    {
    }

    /// <summary>Another thread has ended the binding: what it watched is let go when this returns.</summary>
    internal virtual void OnUnboundElsewhere()
    {
    }

    private static Signals SignalsOf(ulong value) => new((uint)value, SourceWord<ProcessMemory>.Count(value));
}
