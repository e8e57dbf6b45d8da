// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.SharedMemory;

/// <summary>The replier's side of cancellation: finds out that a caller no longer wants a reply.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks>
/// <b>Threads:</b> one at a time: the reactor that the connection belongs to; <see cref="IsCancelled"/> any.
/// <b>Trust:</b> all of it is the caller's wish about its own requests, whatever the words hold.
/// </remarks>
internal sealed class CancelReader<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A cancel is a state of a slot, so it needs no space and cannot be refused. The count says that some slot has it
    // now; who finds that it changed notes it first and looks at the slots then, so a cancel that comes during the looks
    // changes the count again. Proof: docs/memory-ordering/reply-lanes.md.

    private readonly Segment _peer;
    private ulong _seen;

    /// <summary>Starts with no cancel seen.</summary>
    /// <param name="peer">The segment in which callers say how they wait.</param>
    internal CancelReader(Segment peer) => _peer = peer;

    /// <summary>Whether something was cancelled: worth a <see cref="TryTake"/>.</summary>
    /// <param name="order">Which look this is: a poll, or the last one before sleep.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasCancels(Order order = Order.CancelCount) =>
        // TRUST: a copy, compared with the last. Any value is allowed.
        TMemory.Read(in _peer.Word64(SegmentLayout.CancelsOffset), order) != _seen;

    /// <summary>Notes the cancels up to now.</summary>
    /// <returns>Whether there are new ones: then each request that was not answered is looked at.</returns>
    internal bool TryTake()
    {
        // ORDER(CancelCount): acquire. The bits that it counts were set before.
        // TRUST: a copy. One that lies costs itself our looks at its own 64 slots.
        ulong count = TMemory.Read(in _peer.Word64(SegmentLayout.CancelsOffset), Order.CancelCount);
        bool isNew = count != _seen;
        _seen = count;
        return isNew;
    }

    /// <summary>
    /// Whether the caller has cancelled the request in a slot. Asked when a request is taken, and for those that were not
    /// answered when the count has changed. It is answered all the same.
    /// </summary>
    internal bool IsCancelled(int slot) =>
        // TRUST: one bit of a copy; a lie cancels the liar's own request.
        ReplyHeader.IsCancelled(TMemory.Read(in _peer.Word32(ReplyHeader.WaitingOffset(slot)), Order.ReplyWaiting));
}
