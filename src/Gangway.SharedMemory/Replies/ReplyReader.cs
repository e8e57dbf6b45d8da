// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.SharedMemory;

/// <summary>The caller's side of the reply slots: polls the peer's segment, and says in its own how it waits.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number, each with a slot of its own.</remarks>
internal sealed class ReplyReader<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A caller polls the first word of its own slot: no reader is shared and no role is handed over. The word holds the
    // last generation of the slot or the awaited one; anything else is a lie. Length and payload are copied once.
    // Proof: docs/memory-ordering/reply-slot.md, verify/replyslot.pml.

    private readonly Segment _peer;
    private readonly Segment _own;

    // What the slot's word says: the slot's owner's. The word itself is never read back. Made when first needed.
    private byte[]? _said;
    private readonly AnnouncedWord<TMemory> _cancels;

    /// <summary>Reads the replies that a peer writes.</summary>
    /// <param name="peer">The segment that holds the replies.</param>
    /// <param name="own">The segment in which we say how we wait.</param>
    internal ReplyReader(Segment peer, Segment own)
    {
        _peer = peer;
        _own = own;
        _cancels = new AnnouncedWord<TMemory>(own, SegmentLayout.CancelsOffset);
    }

    /// <summary>Whether a reply, or a lie, is there: worth a <see cref="TryTake"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasReply(int slot, ulong previous, Order order = Order.ReplyPublish) =>
        TMemory.Read(in _peer.Word64(ReplyHeader.SlotOffset(slot)), order) != previous;

    /// <summary>Takes the reply of a generation, if it is there.</summary>
    /// <param name="slot">The caller's slot.</param>
    /// <param name="generation">The generation that was sent with the request.</param>
    /// <param name="previous">The slot's word before the request; becomes the reply's word when it is taken.</param>
    /// <param name="destination">Where the payload goes if it fits; else nothing is copied.</param>
    /// <param name="lengthBytes">The payload's length.</param>
    internal ReplyRead TryTake(
        int slot, ulong generation, ref ulong previous, Span<byte> destination, out int lengthBytes)
    {
        lengthBytes = 0;
        int offset = ReplyHeader.SlotOffset(slot);

        // ORDER(ReplyPublish): acquire. Length and payload were written before the word.
        ulong word = TMemory.Read(in _peer.Word64(offset), Order.ReplyPublish);
        if (word == previous)
            return ReplyRead.Pending;

        // TRUST: a copy. It is the awaited generation, or a lie.
        if (ReplyHeader.Generation(word) != generation)
            return ReplyRead.PeerFault;

        // TRUST: read once, checked, and the copy is used.
        ulong length = TMemory.Read(in _peer.Word64(offset + sizeof(ulong)), Order.ReplyPayload);
        if (length > SegmentLayout.ReplyBytes)
            return ReplyRead.PeerFault;

        lengthBytes = (int)length;
        previous = word;
        if (lengthBytes != 0 && lengthBytes <= destination.Length)
        {
            ref readonly byte payload = ref _peer.Bytes(offset + SegmentLayout.ReplyHeaderBytes, lengthBytes);
            TMemory.CopyIn(destination[..lengthBytes], in payload, Order.ReplyPayload);
        }

        return ReplyRead.Taken;
    }

    /// <summary>Says how the caller is about to wait: asleep on the reply's first word, or gone on.</summary>
    /// <returns>False when the reply has come meanwhile: nobody will be told.</returns>
    internal bool TryWait(int slot, ulong previous, ReplyWaiting how)
    {
        Say(slot, (uint)how);

        // ORDER(ReplyParkFence): full fence. Our word comes before our last look at the reply.
        TMemory.Fence(Order.ReplyParkFence);
        return !HasReply(slot, previous, Order.ReplyRecheck);
    }

    /// <summary>
    /// Says that the caller no longer wants the reply, which comes all the same and is announced. The slot's owner does it,
    /// before it leaves the slot to that reply. A full fence: it looks at the peer's sleep word right after, and rings a
    /// sleeper.
    /// </summary>
    internal void Cancel(int slot)
    {
        Say(slot, ReplyHeader.CancelledWaiting);

        // ORDER(CancelCount): behind the bit that it counts: the change of the truth is a compare-and-swap.
        ulong count = _cancels.Value;
        while (!_cancels.TryChange(ref count, count + 1))
        {
        }

        _cancels.Announce();
    }

    /// <summary>
    /// Says how the caller will wait, before the request is sent: whoever takes the request finds it, so there is no last
    /// look to take. Nothing is written when the slot's last use said the same: the line stays the replier's, too.
    /// </summary>
    internal void Prepare(int slot, ReplyWaiting how)
    {
        if ((_said is { } said ? said[slot] : 0u) != (uint)how)
            Say(slot, (uint)how);
    }

    /// <summary>Says that the caller polls again.</summary>
    internal void Poll(int slot) => Say(slot, (uint)ReplyWaiting.Polling);

    private void Say(int slot, uint how)
    {
        (_said ?? MakeSaid())[slot] = (byte)how;
        TMemory.Write(ref _own.Word32(ReplyHeader.WaitingOffset(slot)), how, Order.ReplyWaiting);
    }

    private byte[] MakeSaid()
    {
        Interlocked.CompareExchange(ref _said, new byte[SegmentLayout.SlotCount], null);
        return _said;
    }
}
