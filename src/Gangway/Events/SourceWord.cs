// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.SharedMemory;

namespace Gangway;

/// <summary>The word of an event source: what is pending, and whether its node is linked at a port.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any signal; the holder of the port's baton takes.</remarks>
internal static class SourceWord<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // 32 signal bits, a saturating count of signals, and four flags, all changed by one compare-and-swap. Who turns Linked
    // on links the node, and nobody else does; the port takes the node out of its queue first and turns Linked off
    // afterwards, in the same swap with which it takes what is pending. So a node is linked at most once, and what comes
    // after the swap links it again. Masked: signals are kept, nobody links. Closed is the last state: who closes takes
    // what is pending, and a signal goes to the source's next word. Linked stays as it is then, and says who drops the
    // node: the port, when it comes by it, or who closed.
    //
    // INVARIANT: something is pending, and neither Masked nor Held nor Closed is on, only while Linked is on.
    // Held is Edge's: what was pending before the bind waits for the next signal.
    //
    // Source: Xen's PENDING, MASKED and LINKED (event_channel.h); seL4's notification word.
    // Proof: docs/memory-ordering/port.md, verify/port.pml.

    internal const ulong Closed = 1ul << 63;
    internal const ulong Linked = 1ul << 62;
    internal const ulong Masked = 1ul << 61;
    internal const ulong Held = 1ul << 60;
    internal const int CountShift = 32;
    internal const uint CountMax = (1u << 28) - 1;

    private const ulong CountMask = (ulong)CountMax << CountShift;
    private const ulong SignalMask = uint.MaxValue;
    private const ulong Pending = CountMask | SignalMask;

    /// <summary>How many signals a value holds, up to <see cref="CountMax"/>.</summary>
    internal static uint Count(ulong value) => (uint)((value & CountMask) >> CountShift);

    /// <summary>Whether a value holds a signal.</summary>
    internal static bool IsPending(ulong value) => (value & CountMask) != 0;

    /// <summary>Whether a value is of a word that was closed.</summary>
    internal static bool IsClosed(ulong value) => (value & Closed) != 0;

    /// <summary>Adds signals.</summary>
    /// <param name="word">The word.</param>
    /// <param name="bits">Signal bits to set; none is a signal too.</param>
    /// <param name="count">How many signals it is; at least one.</param>
    /// <param name="mayLink">Whether there is a port at which the node could be linked.</param>
    /// <param name="mustLink">Whether the caller has to link the node now.</param>
    /// <returns>False when the word is closed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySignal(ref ulong word, uint bits, uint count, bool mayLink, out bool mustLink)
    {
        ulong value = TMemory.Read(in word, Order.SourceSignal);
        while (true)
        {
            mustLink = false;
            if ((value & Closed) != 0)
                return false;
            uint sum = (uint)Math.Min((ulong)Count(value) + count, CountMax);
            ulong next = value & ~(CountMask | Held) | bits | (ulong)sum << CountShift;
            if (mayLink && (value & (Linked | Masked)) == 0)
            {
                next |= Linked;
                mustLink = true;
            }

            // ORDER(SourceSignal): compare-and-swap. What the signal is about comes before it.
            ulong found = TMemory.CompareExchange(ref word, next, value, Order.SourceSignal);
            if (found == value)
                return true;
            value = found;
        }
    }

    /// <summary>Adds signals that came before the bind, and that wait for the next one.</summary>
    /// <returns>False when the word is closed.</returns>
    internal static bool TryHold(ref ulong word, uint bits, uint count)
    {
        ulong value = TMemory.Read(in word, Order.SourceSignal);
        while ((value & Closed) == 0)
        {
            // Where another signal came already, it takes these along.
            uint sum = (uint)Math.Min((ulong)Count(value) + count, CountMax);
            ulong next = value & ~CountMask | bits | (ulong)sum << CountShift;
            if ((value & Linked) == 0)
                next |= Held;
            ulong found = TMemory.CompareExchange(ref word, next, value, Order.SourceSignal);
            if (found == value)
                return true;
            value = found;
        }

        return false;
    }

    /// <summary>Takes what is pending, without the port: somebody looks at the source itself.</summary>
    /// <returns>What the word held: when it is <see cref="Closed"/> nothing was taken, and what is in it has moved on.</returns>
    internal static ulong Take(ref ulong word)
    {
        ulong value = TMemory.Read(in word, Order.SourceTake);
        while (IsPending(value) && (value & Closed) == 0)
        {
            ulong found = TMemory.CompareExchange(ref word, value & ~(Pending | Held), value, Order.SourceTake);
            if (found == value)
                break;
            value = found;
        }

        return value;
    }

    /// <summary>The port has taken the node out of its queue.</summary>
    /// <param name="word">The word.</param>
    /// <param name="mode">How it is delivered.</param>
    /// <param name="value">What the word held. Where that is closed, the port drops the node: it was closed while it was
    /// linked. A later look would not do: the node may have been let go, signalled, and closed by then.</param>
    /// <returns>Whether a packet is due. In mode <see cref="TriggerMode.Level"/> the node is then still linked, and goes back.</returns>
    internal static bool TryDeliver(ref ulong word, TriggerMode mode, out ulong value)
    {
        value = TMemory.Read(in word, Order.SourceTake);
        while (true)
        {
            if ((value & Closed) != 0)
                return false;
            bool isDue = IsPending(value) && (value & Masked) == 0;
            ulong next = value & ~Linked;
            if (isDue)
            {
                next = mode switch
                {
                    TriggerMode.Level => value,
                    TriggerMode.Edge => next & ~Pending,
                    _ => next & ~Pending | Masked,
                };
            }

            // ORDER(SourceTake): compare-and-swap, a full fence. The node was taken out of its queue before; what a signal
            // was about is read after it.
            ulong found = TMemory.CompareExchange(ref word, next, value, Order.SourceTake);
            if (found == value)
                return isDue;
            value = found;
        }
    }

    /// <summary>Keeps the source from being delivered; what comes stays pending.</summary>
    /// <returns>False when the word is closed.</returns>
    internal static bool TryMask(ref ulong word) => (Change(ref word, set: Masked, clear: 0) & Closed) == 0;

    /// <summary>Lets it be delivered again.</summary>
    /// <param name="word">The word.</param>
    /// <param name="keepsHeld">Whether what was pending before the bind still waits for the next signal.</param>
    /// <param name="mustLink">Whether the caller has to link the node now: something is pending.</param>
    /// <returns>False when the word is closed.</returns>
    internal static bool TryUnmask(ref ulong word, bool keepsHeld, out bool mustLink)
    {
        ulong value = TMemory.Read(in word, Order.SourceMask);
        while (true)
        {
            mustLink = false;
            if ((value & Closed) != 0)
                return false;
            ulong next = value & ~(keepsHeld ? Masked : Masked | Held);
            if (IsPending(next) && (next & (Linked | Held)) == 0)
            {
                next |= Linked;
                mustLink = true;
            }

            ulong found = TMemory.CompareExchange(ref word, next, value, Order.SourceMask);
            if (found == value)
                return true;
            value = found;
        }
    }

    /// <summary>Ends the word: no signal changes it any more, and nothing is pending.</summary>
    /// <returns>What it held. Nobody else takes it, so it may be signalled elsewhere.</returns>
    internal static ulong Close(ref ulong word) => Change(ref word, set: Closed, clear: Pending | Held);

    private static ulong Change(ref ulong word, ulong set, ulong clear)
    {
        ulong value = TMemory.Read(in word, Order.SourceMask);
        while ((value & Closed) == 0)
        {
            // ORDER(SourceMask): compare-and-swap against signals and the port.
            ulong found = TMemory.CompareExchange(ref word, (value | set) & ~clear, value, Order.SourceMask);
            if (found == value)
                return value;
            value = found;
        }

        return value;
    }
}
