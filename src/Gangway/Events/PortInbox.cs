// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>Where sources link themselves at a port, and the words that say whether somebody must be woken for it, and is there something to take.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number put; the holder of the port's baton takes and sleeps. Nobody waits for another.</remarks>
internal sealed class PortInbox<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A stack of node numbers: who links a node writes its neighbour into it and swaps the head; the taker takes the whole
    // stack at once and turns it round, so it needs no tag against reuse, and arrival decides the order. A stack and not a
    // queue of exchanges: there a thread that is preempted between its two steps hides all that come behind it.
    //
    // Every linker looks whether the taker sleeps, not only the first: the first may be preempted before it looks.
    //
    // What was taken lies in queues that are the taker's own. The third word tells the others that there is something in them, or
    // on its way: it is set before the inbox is taken, and a look goes to the inbox first. So what has left the inbox before that
    // look was announced before.
    // Proof: docs/memory-ordering/port.md, verify/port.pml; docs/memory-ordering/readiness.md, verify/watch.pml.

    private const int Head = 0;
    private const int Sleep = 1;
    private const int Queued = 2;

    private readonly PrivateWords _words = new(3);

    /// <summary>Whether nothing is there to take.</summary>
    internal bool IsEmpty => TMemory.Read(in _words[Head], Order.PortRecheck) == 0;

    /// <summary>Whether something is linked, queued, or on its way from one to the other. Any thread.</summary>
    internal bool HasPackets =>
        // ORDER(PortQueued): acquire, behind the inbox: what is there no more is in the queues, or was delivered.
        !IsEmpty || TMemory.Read(in _words[Queued], Order.PortQueued) != 0;

    /// <summary>The first of what is linked, 0 if none: for <see cref="TryPut"/>.</summary>
    internal ulong First => TMemory.Read(in _words[Head], Order.PortLink);

    /// <summary>Links a node, unless another came first.</summary>
    /// <param name="number">The node's number, from 1.</param>
    /// <param name="first">The number that the caller wrote into the node as its neighbour; becomes the present one.</param>
    internal bool TryPut(ulong number, ref ulong first)
    {
        // ORDER(PortLink): compare-and-swap, a full fence: the node's neighbour before it, the look at Sleep after it.
        ulong found = TMemory.CompareExchange(ref _words[Head], number, first, Order.PortLink);
        bool isPut = found == first;
        first = found;
        return isPut;
    }

    /// <summary>Whether the taker must be woken, by a linker, behind its <see cref="TryPut"/>.</summary>
    internal bool MustWake => TMemory.Read(in _words[Sleep], Order.PortSleepLook) != 0;

    /// <summary>Takes all that is linked. Behind it the taker says what its queues hold (<see cref="NoteQueues"/>).</summary>
    /// <returns>The number of the newest, 0 if there is none.</returns>
    internal ulong Take()
    {
        ulong first = TMemory.Read(in _words[Head], Order.PortLink);
        if (first != 0)
            NoteQueues(areEmpty: false);
        while (first != 0)
        {
            // ORDER(PortTake): compare-and-swap, a full fence: the announcement before it, or who looks finds the packets nowhere.
            ulong found = TMemory.CompareExchange(ref _words[Head], 0, first, Order.PortTake);
            if (found == first)
                break;
            first = found;
        }

        return first;
    }

    /// <summary>The taker: its queues hold something, or nothing.</summary>
    internal void NoteQueues(bool areEmpty)
    {
        // ORDER(PortQueued): release. Ours alone: only the taker writes it.
        TMemory.Write(ref _words[Queued], areEmpty ? 0u : 1u, Order.PortQueued);
    }

    /// <summary>Says that the taker is about to sleep.</summary>
    /// <returns>False when something was linked meanwhile: it must not.</returns>
    internal bool TryAnnounceSleep()
    {
        TMemory.Write(ref _words[Sleep], 1, Order.PortSleep);

        // ORDER(PortSleepFence): full fence. The announcement before the last look, as the linker's swap before its look.
        TMemory.Fence(Order.PortSleepFence);
        return IsEmpty;
    }

    /// <summary>The taker is awake.</summary>
    internal void EndSleep() => TMemory.Write(ref _words[Sleep], 0, Order.PortSleep);
}
