// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>What was refused on a connection and is owed a "send possible": a bit for each kind.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Nobody waits here.</remarks>
internal sealed class RefusedSenders<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A refused sender sets its bit, then looks once more whether it would be admitted. Who finds, at any time, that it
    // would be swaps the bit back; the one whose swap found it set posts the notice. So each time that a bit was set has
    // one notice. Proof: docs/memory-ordering/send-possible.md, verify/sendpossible.pml, and the explorer.

    private readonly PrivateWords _word = new(1);

    /// <summary>What is owed a notice.</summary>
    internal ulong Value => TMemory.Read(in _word[0], Order.SendBlocked);

    /// <summary>A sender was refused. It looks once more behind this.</summary>
    /// <param name="kind">The bit.</param>
    /// <returns>False when somebody else's notice, which is not posted yet, is owed for it too.</returns>
    internal bool Add(ulong kind)
    {
        // ORDER(SendBlocked): full fence. The mark comes before our last look at what the peer gave back.
        ulong found = Change(set: kind, clear: 0, Order.SendBlocked);
        return (found & kind) == 0;
    }

    /// <summary>What was refused would be admitted now.</summary>
    /// <param name="kinds">Their bits.</param>
    /// <returns>Whether the caller posts the notice: else somebody else does, or has.</returns>
    internal bool TryRemove(ulong kinds) =>
        // ORDER(SendUnblocked): compare-and-swap. Of several who found room one posts.
        (Change(set: 0, clear: kinds, Order.SendUnblocked) & kinds) != 0;

    /// <returns>What the word held before.</returns>
    private ulong Change(ulong set, ulong clear, Order order)
    {
        ulong value = Value;
        while (true)
        {
            // Also when nothing changes: the swap is the fence.
            ulong found = TMemory.CompareExchange(ref _word[0], (value | set) & ~clear, value, order);
            if (found == value)
                return found;
            value = found;
        }
    }
}
