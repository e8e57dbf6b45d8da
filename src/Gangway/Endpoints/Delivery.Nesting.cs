// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.SharedMemory;

namespace Gangway;

// What code is a part of which call, and what the calls that it makes take along.
internal sealed partial class Delivery
{
    // Design:
    //
    // The thread says of which record its code is a part, by delivery and stamp. With a strand the record stays while a part
    // of it runs. Without one a branch of the handler may run while another ends it, and the delivery is filled again:
    // so what is taken along is copied first, then the stamp is looked at.

    // Random, so that no two processes of a chain give the same.
    private static ulong s_lastCallId = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());

    private CallContext? _context;
    private ulong _callId;

    /// <summary>The delivery of which this thread's code is a part, or was; null outside of handlers.</summary>
    internal static Delivery? Current => ThreadRole.IfAny?.Delivery;

    /// <summary>The id by which nested calls know this one; 0 when it has made none.</summary>
    internal ulong CallIdIfAny => Volatile.Read(ref _callId);

    /// <summary>The ids of the calls that this one is nested in.</summary>
    internal ReadOnlySpan<ulong> Chain =>
        MemoryMarshal.Cast<byte, ulong>(Bytes.AsSpan(Frame.ChainOffset, Frame.ChainCount * sizeof(ulong)));

    /// <summary>What runs on this thread now is a part of a record, if that is not over.</summary>
    /// <returns>For <see cref="EndPart"/>.</returns>
    internal static (Delivery? Delivery, uint Stamp) BeginPart(ThreadRole role, Delivery? delivery, uint stamp)
    {
        (Delivery?, uint) before = (role.Delivery, role.Stamp);
        role.Delivery = delivery is not null && delivery.Stamp == stamp ? delivery : null;
        role.Stamp = stamp;
        return before;
    }

    /// <summary>Makes this thread's code what it was before.</summary>
    internal static void EndPart(ThreadRole role, (Delivery? Delivery, uint Stamp) before) =>
        (role.Delivery, role.Stamp) = before;

    /// <summary>What a call takes along that a part of the record on this thread makes.</summary>
    /// <param name="chain">For the ids; at least <see cref="RecordHeader.ChainLengthMax"/> long.</param>
    /// <param name="count">How many they are; 0 when they are too many.</param>
    /// <param name="deadline">The record's own.</param>
    /// <returns>False when the record is over: the call is nested in nothing.</returns>
    internal bool TryNest(Span<ulong> chain, out int count, out Deadline deadline)
    {
        deadline = Frame.Deadline;
        ReadOnlySpan<ulong> ancestors = Chain;
        ulong id = CallIdIfAny;
        if (id == 0)
        {
            // Two branches may be here at once: the first one's id is the call's.
            id = NewCallId();
            if (Interlocked.CompareExchange(ref _callId, id, 0) is not 0 and var first)
                id = first;
        }

        count = 0;
        if (ancestors.Length < RecordHeader.ChainLengthMax)
        {
            ancestors.CopyTo(chain);
            chain[ancestors.Length] = id;
            count = ancestors.Length + 1;
        }

        Volatile.ReadBarrier(); // all of it before the stamp; the pair is in Forget
        return Stamp == ThreadRole.Current.Stamp;
    }

    /// <summary>Until when a part of the record on this thread may wait.</summary>
    /// <param name="deadline">The record's own.</param>
    /// <returns>False when the record is over.</returns>
    internal bool TryInherit(out Deadline deadline)
    {
        deadline = Frame.Deadline;
        Volatile.ReadBarrier(); // as in TryNest
        return Stamp == ThreadRole.Current.Stamp;
    }

    /// <summary>The handler, which has no strand, starts on this thread.</summary>
    private void EnterContext()
    {
        _context ??= new CallContext(this);
        _context.Begin(_stamp);
        SynchronizationContext.SetSynchronizationContext(_context);
    }

    private void LeaveContext(bool hasSuspended)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        if (hasSuspended || _context!.WasPosted)
            _context = null;
    }

    private static ulong NewCallId()
    {
        ulong id = Interlocked.Increment(ref s_lastCallId);
        return id != 0 ? id : Interlocked.Increment(ref s_lastCallId);
    }
}
