// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>Linux's epoll, over Gangway's own sources, which use no descriptor, and any descriptors beside them.</summary>
/// <remarks>
/// <para>
/// Level, <see cref="EpollMask.Edge"/>, <see cref="EpollMask.OneShot"/>, <see cref="EpollMask.Exclusive"/>, the order of
/// reports and the errors are those of epoll(7) and of the kernel's code. A <see cref="Notification"/> is what an eventfd is:
/// readable while something is pending, always writable; a signal is a wake-up for reading, a take one for writing. It may be
/// in any number of sets, and bound to a port and waited for as well; to bind it, or to end that, while something is pending
/// is one more wake-up. An <see cref="EventTimer"/> is what a timerfd is. An <see cref="EpollSet"/> is readable while it has something to
/// report, an <see cref="EventPort"/> while it has packets to take. A descriptor is given to an
/// epoll of the set, with its flags and data as they are.
/// </para>
/// <para>
/// What differs: a wait reports descriptors first and Gangway's sources after them, each in the kernel's order, and takes
/// turns when there is not room for both; an edge of an inner set that has descriptors may come once more when that set is
/// waited for as well; a source cannot be added twice, for it has no second descriptor; wake-ups over more
/// than 500 ways are not refused (EINVAL in Linux); a POSIX signal ends no wait (EINTR).
/// </para>
/// <b>Threads:</b> any. <b>Ownership:</b> a source that is added keeps the set; dispose the set when it is not needed. A set
/// that is disposed leaves the sets that it is in. <b>Cost:</b> O(1) for a change and a wake-up, O(what is reported) for a
/// wait; no descriptor for sources, two for the first descriptor.
/// Source: epoll(7), fs/eventpoll.c of Linux 6.18.
/// </remarks>
public sealed partial class EpollSet : IReadinessSource, IDisposable
{
    // Design:
    //
    // A wake-up puts the source's place into the ready list, wakes one who waits, and wakes the sets that this one is in; it
    // enters no lock of a set. Changes and scans hold the set's lock, as the kernel's hold ep->mtx; nobody sleeps with it.
    // Lock order: nesting, an outer set, an inner set. A wake-up goes from the inner to the outer one, without locks.
    //
    // INVARIANT: a source that is ready for something that is wanted of it, and has not been reported since its last
    // wake-up, is in the ready list. A level stays there until a scan finds it not ready.

    /// <summary>What may go with <see cref="EpollMask.Exclusive"/>.</summary>
    private const EpollMask ExclusiveMask = EpollMask.Readable | EpollMask.Writable | EpollMask.Error | EpollMask.HangUp
        | EpollMask.WakeUp | EpollMask.Edge | EpollMask.Exclusive;

    private readonly Lock _lock = new();
    private readonly Dictionary<IReadinessSource, EpollRegistration> _places = new(ReferenceEqualityComparer.Instance);
    private readonly ReadyList _ready = new();
    private readonly ParkedWaiters _parked = new();
    private WatchList _watches;
    private KernelHalf? _kernel;
    private bool _isDisposed;

    /// <summary>Adds a notification: EPOLL_CTL_ADD.</summary>
    /// <param name="source">The notification. Its ready state is reported if it is wanted, also in mode <see cref="EpollMask.Edge"/>.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.Exists"/>; <see cref="EpollStatus.Invalid"/> for flags that do not go with
    /// <see cref="EpollMask.Exclusive"/>; <see cref="EpollStatus.Closed"/> when the set is disposed.
    /// </returns>
    public EpollStatus Add(Notification source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        return AddPlace(source, mask, data, out _);
    }

    /// <summary>Changes what is reported of a notification, and looks at it again: EPOLL_CTL_MOD.</summary>
    /// <param name="source">The notification.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Invalid"/> with <see cref="EpollMask.Exclusive"/>, or if it
    /// was added with that; <see cref="EpollStatus.Closed"/> when the set is disposed.
    /// </returns>
    public EpollStatus Modify(Notification source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ModifyPlace(source, mask, data);
    }

    /// <summary>Removes a notification: EPOLL_CTL_DEL. A wait that begins afterwards does not report it.</summary>
    /// <param name="source">The notification.</param>
    /// <returns><see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Closed"/> when the set is disposed.</returns>
    public EpollStatus Remove(Notification source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RemovePlace(source, out _);
    }

    /// <summary>Adds a descriptor: EPOLL_CTL_ADD. Linux only.</summary>
    /// <param name="descriptor">
    /// One that can be waited for. When the last copy of it is closed it leaves by itself; while a copy lives it is reported
    /// on, and cannot be removed, as in Linux: remove it before it is closed.
    /// </param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// What the kernel answers: <see cref="EpollStatus.Closed"/>, <see cref="EpollStatus.NotPollable"/>,
    /// <see cref="EpollStatus.Exists"/>, <see cref="EpollStatus.Invalid"/>, <see cref="EpollStatus.Loop"/> (an epoll of the
    /// program's own), <see cref="EpollStatus.OutOfMemory"/>, <see cref="EpollStatus.TooManyWatches"/>; for the set's first
    /// descriptor <see cref="EpollStatus.TooManyDescriptors"/> too.
    /// </returns>
    /// <remarks><b>Cost:</b> one system call; for the first descriptor of a set four.</remarks>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollStatus Add(SafeHandle descriptor, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return Kernel(out EpollStatus status)?.Add(descriptor, mask, data) ?? status;
    }

    /// <summary>Changes what is reported of a descriptor, and looks at it again: EPOLL_CTL_MOD.</summary>
    /// <param name="descriptor">The descriptor that was added, not a copy of it.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>What the kernel answers; see <see cref="Add(SafeHandle, EpollMask, ulong)"/>.</returns>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollStatus Modify(SafeHandle descriptor, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return Kernel(out EpollStatus status)?.Modify(descriptor, mask, data) ?? status;
    }

    /// <summary>Removes a descriptor: EPOLL_CTL_DEL.</summary>
    /// <param name="descriptor">The descriptor that was added, not a copy of it.</param>
    /// <returns>What the kernel answers; see <see cref="Add(SafeHandle, EpollMask, ulong)"/>.</returns>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public EpollStatus Remove(SafeHandle descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return Kernel(out EpollStatus status)?.Remove(descriptor) ?? status;
    }

    /// <summary>Ends it: it leaves the sets that it is in, and who waits gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (s_nesting)
        {
            if (_isDisposed)
                return;
            Volatile.Write(ref _isDisposed, true);
            foreach (EpollRegistration place in _outer.ToArray())
                place.Set.RemoveSet(this);
            foreach (EpollRegistration place in _inner)
                ((EpollSet)place.Source)._outer.Remove(place);
            lock (_lock)
            {
                foreach (EpollRegistration place in _places.Values)
                    place.End();
                _places.Clear();
            }

            _kernel?.Dispose();
        }

        Interlocked.MemoryBarrier();
        _parked.WakeAll();
    }

    /// <summary>A source of this set woke up.</summary>
    /// <returns>Whether somebody slept here, and is awake now.</returns>
    internal bool OnWake(EpollRegistration place)
    {
        _ready.TryPut(place);
        return Announce();
    }

    private EpollStatus AddPlace(IReadinessSource source, EpollMask mask, ulong data, out EpollRegistration? place)
    {
        place = null;
        lock (_lock)
        {
            if (_isDisposed)
                return EpollStatus.Closed;
            if ((mask & EpollMask.Exclusive) != 0 && (mask & ~ExclusiveMask) != 0)
                return EpollStatus.Invalid;
            if (_places.ContainsKey(source))
                return EpollStatus.Exists;
            place = new EpollRegistration(this, source, mask, data);
            _places.Add(source, place);
            source.Watches.Add(place);
            if (place.Look() == EpollMask.None || !_ready.TryPut(place))
                return EpollStatus.Ok;
        }

        Announce();
        return EpollStatus.Ok;
    }

    private EpollStatus ModifyPlace(IReadinessSource source, EpollMask mask, ulong data)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return EpollStatus.Closed;
            if ((mask & EpollMask.Exclusive) != 0)
                return EpollStatus.Invalid;
            if (!_places.TryGetValue(source, out EpollRegistration? place))
                return EpollStatus.NotThere;
            if (place.IsExclusive)
                return EpollStatus.Invalid;
            place.Change(mask, data);
            if (place.Look() == EpollMask.None || !_ready.TryPut(place))
                return EpollStatus.Ok;
        }

        Announce();
        return EpollStatus.Ok;
    }

    private EpollStatus RemovePlace(IReadinessSource source, out EpollRegistration? place)
    {
        place = null;
        lock (_lock)
        {
            if (_isDisposed)
                return EpollStatus.Closed;
            if (!_places.Remove(source, out place))
                return EpollStatus.NotThere;
            place.End();
            _ready.Remove(place);
            return EpollStatus.Ok;
        }
    }

    /// <summary>The kernel half, made if there is none: also for a change that will be refused, for the kernel says why.</summary>
    private KernelHalf? Kernel(out EpollStatus status)
    {
        status = EpollStatus.Ok;
        if (Volatile.Read(ref _kernel) is { } kernel)
            return kernel;
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Descriptors can be waited for on Linux only. Gangway's own sources work everywhere.");
        lock (s_nesting)
        {
            status = (EpollStatus)MakeKernelHalf();
            return _kernel;
        }
    }

    /// <summary>Something was put into the ready list: tells who waits here, and the sets that this one is in.</summary>
    private bool Announce()
    {
        bool hasWoken = WakeWaiter();
        _watches.Wake((uint)EpollMask.Readable);
        return hasWoken;
    }
}
