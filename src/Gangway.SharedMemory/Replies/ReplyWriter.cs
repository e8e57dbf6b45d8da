// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Numerics;

namespace Gangway.SharedMemory;

/// <summary>The replier's side of the reply slots, in the segment that it writes.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number, each with a slot of its own. Never waits and never fails for space.</remarks>
internal sealed class ReplyWriter<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A slot belongs to one transaction, so its reply always has its place. The first word is written last: it carries
    // the generation that the caller polls for. Publish, fence, look at how the caller waits; the caller writes how it
    // waits, fences, looks at the reply. So at least one of the two sees the other.
    // Proof: docs/memory-ordering/reply-slot.md, verify/replyslot.pml.

    private readonly Segment _own;
    private readonly Segment _peer;

    /// <summary>Writes replies into a segment.</summary>
    /// <param name="own">The segment that holds the replies.</param>
    /// <param name="peer">The segment in which callers say how they wait.</param>
    internal ReplyWriter(Segment own, Segment peer)
    {
        _own = own;
        _peer = peer;
    }

    /// <summary>Publishes the reply to a request.</summary>
    /// <param name="slot">The slot that the request named.</param>
    /// <param name="generation">The generation that the request named.</param>
    /// <param name="status">How it went.</param>
    /// <param name="payload">At most <see cref="SegmentLayout.ReplyBytes"/>.</param>
    /// <returns>
    /// How the caller waits: parked, it must be woken; announce, its reactor is told by
    /// <see cref="ReplyLaneWriter{TMemory}.Signal(int)"/> and rung if it sleeps.
    /// </returns>
    internal ReplyWaiting Publish(int slot, ulong generation, ushort status, ReadOnlySpan<byte> payload)
    {
        Write(slot, payload);
        return Publish(slot, generation, status);
    }

    /// <summary>Writes the payload of a reply, which <see cref="Publish(int, ulong, ushort)"/> shows.</summary>
    internal void Write(int slot, ReadOnlySpan<byte> payload)
    {
        Debug.Assert(payload.Length <= SegmentLayout.ReplyBytes);

        int offset = ReplyHeader.SlotOffset(slot);
        ref ulong lengthWord = ref _own.Word64(offset + sizeof(ulong));
        TMemory.Write(ref lengthWord, (uint)payload.Length, Order.ReplyPayload);
        if (payload.Length != 0)
        {
            ref byte place = ref _own.Bytes(offset + SegmentLayout.ReplyHeaderBytes, payload.Length);
            TMemory.CopyOut(ref place, payload, Order.ReplyPayload);
        }
    }

    /// <summary>Shows a reply whose payload is written, and looks how its caller waits.</summary>
    /// <inheritdoc cref="Publish(int, ulong, ushort, ReadOnlySpan{byte})"/>
    internal ReplyWaiting Publish(int slot, ulong generation, ushort status)
    {
        Show(slot, generation, status);

        // ORDER(ReplyWakeFence): full fence. Our publish comes before our look at how the caller waits.
        TMemory.Fence(Order.ReplyWakeFence);
        return HowNow(slot);
    }

    /// <summary>
    /// Shows a reply whose payload is written. <see cref="Look"/> must follow, for it alone or for several at once: until then
    /// nobody is told that cannot see it.
    /// </summary>
    internal void Show(int slot, ulong generation, ushort status) =>
        // ORDER(ReplyPublish): release. Length and payload come before the word that says they are there.
        TMemory.Write(ref _own.Word64(ReplyHeader.SlotOffset(slot)), ReplyHeader.Pack(generation, status), Order.ReplyPublish);

    /// <summary>Looks how the callers of replies wait that were shown before: one full fence for all of them.</summary>
    /// <param name="slots">A bit for each. One whose slot was used again meanwhile costs a needless wake-up or signal.</param>
    /// <param name="parked">Those that must be woken.</param>
    /// <returns>Those whose reactor must be told, by <see cref="ReplyLaneWriter{TMemory}.Signal(ulong)"/>.</returns>
    internal ulong Look(ulong slots, out ulong parked)
    {
        // ORDER(ReplyWakeFence): full fence. What was shown comes before our look at how each caller waits.
        TMemory.Fence(Order.ReplyWakeFence);
        ulong announced = 0;
        parked = 0;
        for (; slots != 0; slots &= slots - 1)
        {
            ulong bit = slots & (ulong)-(long)slots;
            switch (HowNow(BitOperations.TrailingZeroCount(slots)))
            {
                case ReplyWaiting.Parked:
                    parked |= bit;
                    break;
                case ReplyWaiting.Announce:
                    announced |= bit;
                    break;
            }
        }

        return announced;
    }

    /// <summary>How a caller waits. Decides nothing without the fence of <see cref="Look"/>: a hint that it sleeps already.</summary>
    internal ReplyWaiting HowNow(int slot) =>
        // TRUST: a hint; a lie costs a needless wake-up, or the liar its own. A caller that has cancelled waits, too.
        ReplyHeader.How(TMemory.Read(in _peer.Word32(ReplyHeader.WaitingOffset(slot)), Order.ReplyWaiting));
}
