// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>The replies of one handler on a loop's thread of which that thread tells nobody: the loop does, for many at once.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> written by the handler's; read by whoever takes the loop from it.</remarks>
internal sealed class KeptReplies<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // The handler's thread shows a reply, notes its slot here, and looks whether it still has the loop: three plain steps. If
    // it has not, it tells of the reply itself. Who takes the loop swaps the loop's word, has all threads fence, and looks
    // here: so at least one of the two sees the other. One writer, so there is nothing to swap.
    // Proof: docs/memory-ordering/reply-lanes.md, verify/kept.pml.

    private readonly PrivateWords _slots = new(1);

    /// <summary>A bit for each reply. For another thread: those that were noted before it took the loop, or more.</summary>
    internal ulong Slots => TMemory.Read(in _slots[0], Order.ReplyKept);

    /// <summary>Notes a reply that was shown. The thread looks at the loop's word behind this.</summary>
    internal void Keep(ulong slot) =>
        // ORDER(ReplyKept): release. Whoever finds the note finds the reply.
        TMemory.Write(ref _slots[0], Slots | slot, Order.ReplyKept);

    /// <summary>They are the loop's business now, or were told of.</summary>
    internal void Forget() => TMemory.Write(ref _slots[0], 0, Order.ReplyKept);
}
