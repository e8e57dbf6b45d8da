// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// Sets in sets.
public sealed partial class EpollSet
{
    // Design:
    //
    // A wake-up of what is in the inner set goes through the lists to the outer ones. What only the kernel knows of, the
    // descriptors of an inner set, comes through the kernel: the inner set's epoll is in the outer's, which is made for it if
    // need be, and a report of it there puts the inner set's place into the outer's list. Who waits for a set in the middle
    // takes such a report from the kernel, and so wakes the outer sets: for an edge of theirs that may be once too often.

    private const int DepthMax = 5;

    private static readonly Lock s_nesting = new();

    /// <summary>The places of this set in others. Under the lock of the nesting, as all below.</summary>
    private readonly List<EpollRegistration> _outer = [];

    /// <summary>The places of others in this one.</summary>
    private readonly List<EpollRegistration> _inner = [];

    /// <summary>How many ports are in this one.</summary>
    private int _ports;

    private int Depth => 1 + _inner.Select(static place => ((EpollSet)place.Source).Depth).DefaultIfEmpty(Math.Min(_ports, 1)).Max();

    private int Height => 1 + _outer.Select(static place => place.Set.Height).DefaultIfEmpty(0).Max();

    /// <summary>Adds a set: EPOLL_CTL_ADD of an epoll descriptor.</summary>
    /// <param name="source">The inner set. It may be in several, and be waited for as well.</param>
    /// <param name="mask">What to report, and how. It is <see cref="EpollMask.Readable"/> at most.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.Exists"/>; <see cref="EpollStatus.Invalid"/> for this set itself, and with
    /// <see cref="EpollMask.Exclusive"/>; <see cref="EpollStatus.Loop"/> if it contains this one, or sets would be nested more
    /// than five deep; <see cref="EpollStatus.Closed"/> when one of them is disposed; and where the inner set has
    /// descriptors, what <see cref="Add(System.Runtime.InteropServices.SafeHandle, EpollMask, ulong)"/> answers.
    /// </returns>
    /// <remarks><b>Cost:</b> O(sets that are nested in it and that it is nested in).</remarks>
    public EpollStatus Add(EpollSet source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
        {
            if (_isDisposed || source._isDisposed)
                return EpollStatus.Closed;
            if (source == this || (mask & EpollMask.Exclusive) != 0)
                return EpollStatus.Invalid;
            if (source.Contains(this) || source.Depth + Height > DepthMax)
                return EpollStatus.Loop;
            EpollStatus status = AddPlace(source, mask, data, out EpollRegistration? place);
            if (status != EpollStatus.Ok)
                return status;
            source._outer.Add(place!);
            _inner.Add(place!);
            Errno errno = source._kernel is { } inner ? JoinKernel(place!, inner.Epoll) : Errno.None;
            if (errno != Errno.None)
                RemoveSet(source);
            return (EpollStatus)errno;
        }
    }

    /// <summary>Changes what is reported of a set, and looks at it again: EPOLL_CTL_MOD.</summary>
    /// <param name="source">The inner set.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Invalid"/> for this set itself, and with
    /// <see cref="EpollMask.Exclusive"/>; <see cref="EpollStatus.Closed"/> when one of them is disposed.
    /// </returns>
    public EpollStatus Modify(EpollSet source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
            return Check(source) ?? ModifyPlace(source, mask, data);
    }

    /// <summary>Removes a set: EPOLL_CTL_DEL.</summary>
    /// <param name="source">The inner set.</param>
    /// <returns>
    /// <see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Invalid"/> for this set itself;
    /// <see cref="EpollStatus.Closed"/> when one of them is disposed.
    /// </returns>
    public EpollStatus Remove(EpollSet source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
            return Check(source) ?? RemoveSet(source);
    }

    /// <summary>The kernel says that an inner set or port may be ready. The set's waiter, which looks at the list next.</summary>
    internal void OnKernelReport(EpollRegistration place)
    {
        // What a port finds wakes those who watch it, this set among them.
        if (place.Source is EventPort port)
        {
            port.LookForWatchers();
            return;
        }

        // With that the kernel has said it, and no longer finds this set ready for the outer ones.
        _ready.TryPut(place);
        _watches.Wake((uint)EpollMask.Readable);
    }

    private EpollStatus? Check(EpollSet source) =>
        _isDisposed || source._isDisposed ? EpollStatus.Closed : source == this ? EpollStatus.Invalid : null;

    private EpollStatus RemoveSet(EpollSet source)
    {
        EpollStatus status = RemovePlace(source, out EpollRegistration? place);
        if (status == EpollStatus.Ok)
        {
            source._outer.Remove(place!);
            _inner.Remove(place!);
        }

        return status;
    }

    private bool Contains(EpollSet other) => this == other || _inner.Any(place => ((EpollSet)place.Source).Contains(other));

    /// <summary>Makes the kernel half, if there is none, and those of the sets that this one is in.</summary>
    private Errno MakeKernelHalf()
    {
        if (_kernel is not null)
            return Errno.None;
        if (_isDisposed)
            return Errno.EBADF;
        Errno errno = KernelHalf.Make(out KernelHalf? kernel);
        if (errno != Errno.None)
            return errno;
        foreach (EpollRegistration place in _outer)
        {
            errno = place.Set.JoinKernel(place, kernel!.Epoll);
            if (errno != Errno.None)
                break;
        }

        if (errno != Errno.None)
        {
            foreach (EpollRegistration place in _outer)
                place.Set.LeaveKernel(place);
            kernel!.Dispose();
            return errno;
        }

        // A full fence: who has looked before it sleeps on its own word, and is woken; who looks now sleeps in the kernel.
        Interlocked.Exchange(ref _kernel, kernel);
        _parked.WakeAll();
        return Errno.None;
    }

    /// <summary>Puts the epoll of an inner set or port into this one's.</summary>
    private Errno JoinKernel(EpollRegistration place, Epoll inner)
    {
        Errno errno = MakeKernelHalf();
        if (errno != Errno.None)
            return errno;
        lock (_lock)
        {
            errno = _kernel!.Join(inner, place, out KernelLink? link);
            place.Kernel = link;
        }

        return errno;
    }

    private void LeaveKernel(EpollRegistration place)
    {
        lock (_lock)
        {
            place.Kernel?.End();
            place.Kernel = null;
        }
    }
}
