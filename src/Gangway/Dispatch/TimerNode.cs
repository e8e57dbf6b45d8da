// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Something that a reactor is to look at when a time comes: it carries its own links, so arming it allocates nothing.</summary>
/// <remarks>
/// <b>Threads:</b> <see cref="Withdraw"/> and <see cref="TimerWheel.Request"/> from any; <see cref="OnDue"/> runs on the
/// reactor's thread. A node is used with one wheel only. Several threads that ask for different times: the last one wins.
/// </remarks>
internal abstract class TimerNode
{
    // Design:
    //
    // Wanted is the truth: written by whoever asks, swapped back to None by the wheel when it fires. Placed says for which
    // time the wheel will look at the node, None when it will not: written by the wheel only. Queued is 1 from the moment
    // somebody decides to link the node into the stack of requests until the wheel takes it from there: never linked twice.
    // All other fields belong to the reactor's thread. Proof: docs/memory-ordering/timer.md.

    internal const long None = long.MaxValue;
    internal const short Unlinked = -1;

    internal long Wanted = None;
    internal long Placed = None;
    internal int Queued;

    /// <summary>The next one in the stack of requests: written by who links it, read by the wheel that took it.</summary>
    internal TimerNode? NextRequest;

    /// <summary>Neighbours in the ring of one slot.</summary>
    internal TimerNode? Previous;
    internal TimerNode? Next;

    /// <summary>The ring it is linked in, or <see cref="Unlinked"/>.</summary>
    internal short Ring = Unlinked;

    /// <summary>Asks for nothing any more. It stays where it is linked, and the wheel drops it when it comes there.</summary>
    /// <remarks>
    /// <see cref="OnDue"/> does not begin for what was asked before, unless the wheel took it already: what ends only once
    /// needs a compare-and-swap of its own. <b>Cost:</b> one store.
    /// </remarks>
    internal void Withdraw() => Volatile.Write(ref Wanted, None);

    /// <summary>The time has come. It may be asked for again from here.</summary>
    /// <param name="now">The time of this turn, not before the one that was asked for.</param>
    internal abstract void OnDue(long now);
}
