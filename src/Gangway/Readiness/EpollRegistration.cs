// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A source's place in an <see cref="EpollSet"/>: what is wanted of it, and whether it is in the ready list.</summary>
internal sealed class EpollRegistration : Watch
{
    // Design:
    //
    // Who turns Linked on puts it into the ready list, and nobody else does. The set's scan takes it out of the list, turns
    // Linked off, a full fence, and looks at the source after that; so a wake-up that found it linked is seen by that look.
    //
    // What is wanted is written under the set's lock, and read by wake-ups without it. Who changes it looks at the source
    // behind a full fence, as a wake-up reads it behind the change of the source: one of the two sees the other.

    /// <summary>How it is reported, and not what of it: without any other bit it is switched off.</summary>
    internal const EpollMask Manner = EpollMask.Exclusive | EpollMask.WakeUp | EpollMask.OneShot | EpollMask.Edge;

    /// <summary>Reported whether asked for or not.</summary>
    internal const EpollMask Always = EpollMask.Error | EpollMask.HangUp;

    private readonly EpollSet _set;
    private uint _mask;
    private bool _isLinked;

    internal EpollRegistration(EpollSet set, IReadinessSource source, EpollMask mask, ulong data)
    {
        _set = set;
        Source = source;
        IsExclusive = (mask & EpollMask.Exclusive) != 0;
        _mask = (uint)(mask | Always);
        Data = data;
    }

    internal EpollSet Set => _set;

    internal IReadinessSource Source { get; }

    /// <inheritdoc/>
    internal override bool IsExclusive { get; }

    /// <summary>What its reports carry. Under the set's lock.</summary>
    internal ulong Data { get; private set; }

    /// <summary>Whether it was removed: it is never put into the ready list again. Under the set's lock.</summary>
    internal bool IsRemoved { get; private set; }

    /// <summary>Whether it is reported for as long as it is ready. Under the set's lock.</summary>
    internal bool IsLevel => ((EpollMask)_mask & (EpollMask.Edge | EpollMask.OneShot)) == 0;

    /// <summary>Whether it is reported once. Under the set's lock.</summary>
    internal bool IsOneShot => ((EpollMask)_mask & EpollMask.OneShot) != 0;

    /// <summary>Whether a wake-up for reading is wanted.</summary>
    internal bool WantsReadable => ((EpollMask)Volatile.Read(ref _mask) & EpollMask.Readable) != 0;

    /// <summary>The number of the wait that has reported it last. Under the set's lock.</summary>
    internal long ReportedIn { get; set; }

    /// <summary>For an inner set or port that takes descriptors: how the kernel says that it may be ready. Under the set's lock.</summary>
    internal KernelLink? Kernel { get; set; }

    /// <summary>The next in the stack of those that were woken. Who linked it, then who took the stack.</summary>
    internal EpollRegistration? NextWoken { get; set; }

    /// <summary>Neighbours in the ready list. Under the set's lock.</summary>
    internal EpollRegistration? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    internal EpollRegistration? Previous { get; set; }

    /// <summary>Whether it lies in the ready list, and not only in the stack before it. Under the set's lock.</summary>
    internal bool IsListed { get; set; }

    /// <inheritdoc/>
    internal override bool Wake(uint events)
    {
        // A wake-up that is about something else puts nothing into the list: as ep_poll_callback.
        uint wanted = Volatile.Read(ref _mask);
        return (events & wanted & ~(uint)Manner) != 0 && _set.OnWake(this);
    }

    /// <inheritdoc/>
    internal override void OnSourceEnded() => _set.Leave((EventPort)Source);

    /// <summary>What the source is ready for now, of what is wanted. Under the set's lock.</summary>
    internal EpollMask Look() => (EpollMask)(Source.Look() & _mask & ~(uint)Manner);

    /// <summary>Turns Linked on.</summary>
    /// <returns>Whether the caller did, and puts it into the list.</returns>
    internal bool TryLink() => !Interlocked.Exchange(ref _isLinked, true);

    /// <summary>Turns Linked off. What the source is now is looked at behind this.</summary>
    internal void Unlink() => Interlocked.Exchange(ref _isLinked, false);

    /// <summary>Wants something else. What the source is now is looked at behind this. Under the set's lock.</summary>
    internal void Change(EpollMask mask, ulong data)
    {
        Data = data;
        Interlocked.Exchange(ref _mask, (uint)(mask | Always));
        Kernel?.Want(WantsReadable);
    }

    /// <summary>Was reported for the one time. Under the set's lock.</summary>
    internal void SwitchOff()
    {
        Volatile.Write(ref _mask, _mask & (uint)Manner);
        Kernel?.Want(false);
    }

    /// <summary>Ends it. Under the set's lock.</summary>
    internal void End()
    {
        IsRemoved = true;
        Volatile.Write(ref _mask, 0);
        Source.Watches.Remove(this);
        Kernel?.End();
    }
}
