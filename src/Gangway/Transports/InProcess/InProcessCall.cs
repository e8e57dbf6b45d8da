// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>One transaction slot of a link: the reply of the call that has it, and who waits for that.</summary>
/// <remarks>Its caller has it until it leaves; the replier until it has answered; who of the two is last frees the slot.</remarks>
internal sealed class InProcessCall(InProcessLink link, int slot)
{
    // Design:
    //
    // _state gets two bits, once each in a use of the slot: Answered from the replier, behind the reply, and Left from a
    // caller that goes without it. Whoever sets the second one frees the slot. A caller that finds Answered takes the reply
    // and frees the slot; it need not say so.
    //
    // A caller that waits says how (_isAwaited, or the waiter's IsParked), fences, and looks at Answered once more; the
    // replier sets Answered, a full fence, and looks who waits. So at least one of the two sees the other. The replier may
    // look when the slot has its next use already: an awaited call is claimed by its generation, and a parked thread looks
    // again when it wakes. Proof: docs/memory-ordering/inprocess.md, verify/inprocess.pml.

    private const int Answered = 1;
    private const int Left = 2;

    private readonly byte[] _reply = new byte[Transaction.ReplyBytesMax];
    private AwaitedCall? _waiter;
    private int _state;
    private bool _isAwaited;
    private Status _status;
    private int _length;

    /// <summary>Its number.</summary>
    internal int Slot { get; } = slot;

    /// <summary>Which use of the slot this is; so, how many requests have left by it.</summary>
    internal ulong Generation { get; private set; }

    /// <summary>The last use whose request the other side has taken. For statistics.</summary>
    internal ulong Taken { get; set; }

    /// <summary>Whether the reply is there.</summary>
    internal bool IsAnswered => (Volatile.Read(ref _state) & Answered) != 0;

    /// <summary>Who waits: one for each slot that was ever waited in. The caller's.</summary>
    internal AwaitedCall Waiter
    {
        get
        {
            if (_waiter is null)
                Volatile.Write(ref _waiter, new AwaitedCall(link, Slot));
            return _waiter!;
        }
    }

    /// <summary>The same for those who wake it; null when nobody ever waited.</summary>
    internal AwaitedCall? WaiterIfAny => Volatile.Read(ref _waiter);

    /// <summary>The next use. The caller has just taken the slot.</summary>
    internal ulong Begin()
    {
        _isAwaited = false;
        _state = 0;
        return ++Generation;
    }

    /// <summary>The caller goes on without its reply, and <see cref="Waiter"/> has begun. Look at <see cref="IsAnswered"/> behind it.</summary>
    internal void Await()
    {
        Volatile.Write(ref _isAwaited, true);
        Interlocked.MemoryBarrier();
    }

    /// <summary>The caller goes without its reply.</summary>
    /// <returns>True when the reply had come: the caller frees the slot; else the replier will.</returns>
    internal bool TryLeave() => (Interlocked.Or(ref _state, Left) & Answered) != 0;

    /// <summary>Takes the reply that is there.</summary>
    internal CallResult Read(Span<byte> reply)
    {
        if (_length > reply.Length)
            return new CallResult(Status.ReplyTooLarge, _length);
        _reply.AsSpan(0, _length).CopyTo(reply);
        return new CallResult(_status, _length);
    }

    /// <summary>Writes the reply. Who answers; <see cref="Publish"/> follows.</summary>
    internal void Write(Status status, ReadOnlySpan<byte> reply)
    {
        _status = status;
        _length = reply.Length;
        reply.CopyTo(_reply);
    }

    /// <summary>The reply is written: lets the caller have it, and wakes it if it waits.</summary>
    /// <param name="generation">Which use it is of.</param>
    /// <returns>True when the caller has left: free the slot.</returns>
    internal bool Publish(ulong generation)
    {
        if ((Interlocked.Or(ref _state, Answered) & Left) != 0)
            return true;

        // From here on the slot may be anybody's.
        if (WaiterIfAny is not { } waiter)
            return false;
        if (waiter.IsParked)
            waiter.WakeParked();
        if (Volatile.Read(ref _isAwaited) && waiter.TryClaim(generation))
        {
            waiter.SetResult(Read(waiter.Reply.Span), isAbandoned: false);
            waiter.Complete(mayRunHere: false);
        }

        return false;
    }
}
