// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What may be ready in an <see cref="EpollSet"/>, in order of arrival.</summary>
/// <remarks><b>Threads:</b> <see cref="TryPut"/> and <see cref="IsEmpty"/> any; everything else under the set's lock.</remarks>
internal sealed class ReadyList
{
    // Design:
    //
    // Wake-ups go to a stack, by one compare-and-swap, and enter no lock. Who holds the set's lock takes the whole stack,
    // turns it round, so that arrival decides, and appends it to a list with two ends, from which a registration can be
    // taken out in one step when it is removed. Objects, not numbers: while one is in the stack Linked keeps it from being
    // put again, and the collector keeps its place from being used for another.

    private EpollRegistration? _woken;
    private EpollRegistration? _first;
    private EpollRegistration? _last;

    /// <summary>Whether nothing is there to look at.</summary>
    internal bool IsEmpty => Volatile.Read(ref _woken) is null && Volatile.Read(ref _first) is null;

    /// <summary>How many are in order.</summary>
    internal int Count { get; private set; }

    /// <summary>Puts one there, unless it is there already. A full fence either way.</summary>
    /// <returns>Whether it was not.</returns>
    internal bool TryPut(EpollRegistration registration)
    {
        if (!registration.TryLink())
            return false;
        EpollRegistration? newest = Volatile.Read(ref _woken);
        while (true)
        {
            registration.NextWoken = newest;
            EpollRegistration? found = Interlocked.CompareExchange(ref _woken, registration, newest);
            if (found == newest)
                return true;
            newest = found;
        }
    }

    /// <summary>Puts those that were woken in order, behind the others.</summary>
    internal void Sort()
    {
        if (Volatile.Read(ref _woken) is null)
            return;
        EpollRegistration? oldest = null;
        for (EpollRegistration? newest = Interlocked.Exchange(ref _woken, null); newest is not null;)
        {
            EpollRegistration? next = newest.NextWoken;
            newest.NextWoken = oldest;
            oldest = newest;
            newest = next;
        }

        while (oldest is not null)
        {
            EpollRegistration? next = oldest.NextWoken;
            oldest.NextWoken = null;
            if (!oldest.IsRemoved)
                AddLast(oldest);
            oldest = next;
        }
    }

    /// <summary>Takes the first, and turns its Linked off; null if there is none.</summary>
    internal EpollRegistration? TakeFirst()
    {
        if (_first is not { } first)
            return null;
        Detach(first);
        first.Unlink();
        return first;
    }

    /// <summary>Puts one that was just taken behind all others, unless a wake-up has put it there meanwhile.</summary>
    internal void PutLast(EpollRegistration registration)
    {
        if (registration.TryLink())
            AddLast(registration);
    }

    /// <summary>Puts one that was just taken back to where it was, unless a wake-up has put it at the end meanwhile.</summary>
    internal void PutFirst(EpollRegistration registration)
    {
        if (!registration.TryLink())
            return;
        registration.Next = _first;
        if (_first is { } first)
            first.Previous = registration;
        else
            _last = registration;
        OnAdded(registration);
        Volatile.Write(ref _first, registration);
    }

    /// <summary>Takes one out that is removed from the set.</summary>
    internal void Remove(EpollRegistration registration)
    {
        // One that lies in the stack still is dropped when that is put in order.
        Sort();
        if (registration.IsListed)
            Detach(registration);
    }

    private void AddLast(EpollRegistration registration)
    {
        registration.Previous = _last;
        if (_last is { } last)
            last.Next = registration;
        else
            Volatile.Write(ref _first, registration);
        OnAdded(registration);
        _last = registration;
    }

    private void OnAdded(EpollRegistration registration)
    {
        registration.IsListed = true;
        Count++;
    }

    private void Detach(EpollRegistration registration)
    {
        if (registration.Next is { } next)
            next.Previous = registration.Previous;
        else
            _last = registration.Previous;
        if (registration.Previous is { } previous)
            previous.Next = registration.Next;
        else
            Volatile.Write(ref _first, registration.Next);
        registration.Next = registration.Previous = null;
        registration.IsListed = false;
        Count--;
    }
}
