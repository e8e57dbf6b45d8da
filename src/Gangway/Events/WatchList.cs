// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway;

/// <summary>Who hears when a source wakes up.</summary>
/// <remarks>
/// A mutable value: a field of its source. <b>Threads:</b> any. <b>Cost:</b> one read while nobody watches; a wake-up is O(1)
/// for each watch; to add or remove one is O(watches of this source).
/// </remarks>
internal struct WatchList
{
    // Design:
    //
    // An array that is replaced, never changed, so who wakes takes no lock, and no watch can hold up another. The newest
    // comes first; the exclusive ones come last, in the order in which they were added, as in a Linux wait queue.
    //
    // Who wakes has changed the source by an atomic operation, a full fence, before it reads the array. Who adds
    // swaps the array, a full fence, before it looks at the source. So one of the two sees the other.

    private Watch[]? _watches;

    /// <summary>Whether nobody watches.</summary>
    internal bool IsEmpty => Volatile.Read(ref _watches) is null;

    /// <summary>How many watch.</summary>
    internal int Count => Volatile.Read(ref _watches) is { } watches ? watches.Length : 0;

    /// <summary>Adds one.</summary>
    internal void Add(Watch watch)
    {
        while (true)
        {
            Watch[]? before = Volatile.Read(ref _watches);
            Watch[] after = before is null ? [watch] : watch.IsExclusive ? [.. before, watch] : [watch, .. before];
            if (Interlocked.CompareExchange(ref _watches, after, before) == before)
                return;
        }
    }

    /// <summary>Removes one that was added. A wake-up that is on its way may still reach it.</summary>
    internal void Remove(Watch watch)
    {
        while (true)
        {
            Watch[] before = Volatile.Read(ref _watches)!;
            Watch[]? after = before.Length == 1 ? null : [.. before.Where(other => other != watch)];
            if (Interlocked.CompareExchange(ref _watches, after, before) == before)
                return;
        }
    }

    /// <summary>The source woke up.</summary>
    /// <param name="events">What for: the bits of <c>EPOLLIN</c> and its like.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Wake(uint events)
    {
        if (Volatile.Read(ref _watches) is { } watches)
            Wake(watches, events);
    }

    /// <summary>The source has ended.</summary>
    internal void End()
    {
        foreach (Watch watch in Volatile.Read(ref _watches) ?? [])
            watch.OnSourceEnded();
    }

    private static void Wake(Watch[] watches, uint events)
    {
        foreach (Watch watch in watches)
        {
            if (watch.Wake(events) && watch.IsExclusive)
                return;
        }
    }
}
