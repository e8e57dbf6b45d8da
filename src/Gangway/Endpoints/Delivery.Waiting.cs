// SPDX-License-Identifier: MIT

namespace Gangway;

// A record that waits for its turn, and whether it starts or is withdrawn.
internal sealed partial class Delivery
{
    // Design:
    //
    // The stamp of a record that waits, and above it what became of it. Who swaps it from Waiting decides: the turn that
    // comes starts the handler, or the end of the connection tells the caller that it was never started. So a caller is told
    // NotSent only for what does not run.

    private const ulong Waiting = 1UL << 32;
    private const ulong Started = 2UL << 32;
    private const ulong Withdrawn = 3UL << 32;

    private ulong _turn;

    /// <summary>The record is about to be queued.</summary>
    internal void BeginWait() => Volatile.Write(ref _turn, _stamp | Waiting);

    /// <summary>Keeps a record that waits from running. Whoever has its turn answers it all the same.</summary>
    /// <returns>False when it has started, or was started where it arrived, or is over.</returns>
    internal bool TryWithdraw(uint stamp) =>
        Interlocked.CompareExchange(ref _turn, stamp | Withdrawn, stamp | Waiting) == (stamp | Waiting);

    /// <summary>The turn of a record that waited has come.</summary>
    /// <returns>False when it was withdrawn.</returns>
    internal bool TryStart() =>
        Interlocked.CompareExchange(ref _turn, _stamp | Started, _stamp | Waiting) == (_stamp | Waiting);
}
