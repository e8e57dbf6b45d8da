// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The requests of a peer that are not answered yet: each is answered once.</summary>
/// <remarks><b>Threads:</b> the reactor begins, any thread completes.</remarks>
internal sealed class TransactionTable
{
    // INVARIANT: _pending[slot] is the generation that waits for its answer, or 0. The reactor sets it, whoever answers
    // clears it by compare-and-swap: so a second answer, or one of an earlier generation, finds something else.

    private readonly ulong[] _pending;
    private readonly ulong[] _last;

    /// <summary>Makes a table for a number of slots.</summary>
    internal TransactionTable(int slotCount)
    {
        _pending = new ulong[slotCount];
        _last = new ulong[slotCount];
    }

    /// <summary>Notes a request that was taken.</summary>
    /// <returns>False when the peer broke the rules: no such slot, still pending, or a generation that is not newer.</returns>
    internal bool TryBegin(int slot, ulong generation)
    {
        // TRUST: both numbers are the peer's; the copies are checked here.
        if ((uint)slot >= (uint)_pending.Length || generation <= _last[slot] || Volatile.Read(ref _pending[slot]) != 0)
            return false;

        _last[slot] = generation;
        Volatile.Write(ref _pending[slot], generation);
        return true;
    }

    /// <summary>Claims the right to answer a request.</summary>
    /// <returns>False when it was answered already.</returns>
    internal bool TryComplete(int slot, ulong generation) =>
        Interlocked.CompareExchange(ref _pending[slot], 0, generation) == generation;
}
