// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway;

/// <summary>The kernel's part of an <see cref="EpollSet"/>: an epoll with the callers' descriptors, and a bell.</summary>
/// <remarks><b>Threads:</b> any.</remarks>
internal sealed class KernelHalf : IDisposable
{
    // Design:
    //
    // Descriptors are registered with the callers' own flags and data, and whoever waits for the set sleeps in this epoll;
    // so everything that is true of the kernel's epoll is true of them here: whom a wake-up reaches, what a closed one
    // still reports, which exclusive waiter is passed over.
    //
    // The set's own registrations are in there as well: the bell, an eventfd that is edge-triggered and never read, so each
    // ring ends one sleep; and the epolls of sets and ports inside this one. Their data are 64 random bits each, by which they are
    // told from the callers': no table of those could be kept, for a descriptor that is closed leaves without a word.

    private readonly Epoll _epoll;
    private readonly EventFd _bell;
    private readonly ulong _bellData = DrawData();
    private readonly ConcurrentDictionary<ulong, EpollRegistration?> _inner = new();
    private readonly Stack<ulong> _spareData = [];
    private int _sleepers;

    /// <summary>How many registrations are or were the set's own.</summary>
    private int _owned = 1;
    private bool _isEnded;

    private KernelHalf(Epoll epoll, EventFd bell)
    {
        _epoll = epoll;
        _bell = bell;
    }

    /// <summary>What is put into the kernel half of a set that this one's set is in.</summary>
    internal Epoll Epoll => _epoll;

    /// <summary>Whether something is ready.</summary>
    internal bool IsReadable
    {
        get
        {
            try
            {
                return Poll.WaitReadable(_epoll, 0) == Errno.None;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Makes one.</summary>
    /// <returns>EMFILE, ENFILE, ENOMEM.</returns>
    internal static Errno Make(out KernelHalf? half)
    {
        half = null;
        Errno errno = Epoll.Create(out Epoll? epoll);
        if (errno != Errno.None)
            return errno;
        errno = EventFd.Create(out EventFd? bell);
        if (errno == Errno.None)
        {
            half = new KernelHalf(epoll!, bell!);
            errno = epoll!.Add(bell!, EpollEvents.In | EpollEvents.Edge, half._bellData);
            if (errno == Errno.None)
                return errno;
        }

        half = null;
        bell?.Dispose();
        epoll!.Dispose();
        return errno;
    }

    /// <summary>EPOLL_CTL_ADD.</summary>
    internal EpollStatus Add(SafeHandle descriptor, EpollMask mask, ulong data) =>
        Control(descriptor, (mask, data), static (epoll, descriptor, wish) => epoll.Add(descriptor, (EpollEvents)wish.mask, wish.data));

    /// <summary>EPOLL_CTL_MOD.</summary>
    internal EpollStatus Modify(SafeHandle descriptor, EpollMask mask, ulong data) =>
        Control(descriptor, (mask, data), static (epoll, descriptor, wish) => epoll.Modify(descriptor, (EpollEvents)wish.mask, wish.data));

    /// <summary>EPOLL_CTL_DEL.</summary>
    internal EpollStatus Remove(SafeHandle descriptor) =>
        Control(descriptor, default, static (epoll, descriptor, _) => epoll.Remove(descriptor));

    /// <summary>Has the epoll of an inner set or port say that it may be ready. Under the lock of the nesting.</summary>
    /// <param name="inner">The inner one's.</param>
    /// <param name="place">The inner one's place in this set.</param>
    /// <param name="link">What to keep with the place.</param>
    internal Errno Join(Epoll inner, EpollRegistration place, out KernelLink? link)
    {
        bool isOn = place.WantsReadable;
        if (!_spareData.TryPop(out ulong data))
        {
            data = DrawData();
            Volatile.Write(ref _owned, _owned + 1);
        }

        _inner[data] = place;
        var errno = (Errno)Add(inner, InnerMask(isOn), data);
        link = errno == Errno.None ? new KernelLink(this, inner, data, isOn) : null;
        if (link is null)
            Forget(data);
        return errno;
    }

    /// <summary>Has it say that, or not.</summary>
    internal void Watch(Epoll inner, ulong data, bool isReadable) => Modify(inner, InnerMask(isReadable), data);

    /// <summary>Ends what <see cref="Join"/> began. Under the lock of the nesting.</summary>
    internal void Leave(Epoll inner, ulong data)
    {
        Remove(inner);
        Forget(data);
    }

    /// <summary>Ends one sleep, if somebody sleeps. Behind a full fence.</summary>
    /// <returns>False when nobody does.</returns>
    internal bool TryWakeOne()
    {
        if (Volatile.Read(ref _sleepers) == 0)
            return false;
        try
        {
            _bell.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The set was disposed, which has ended all sleeps.
        }

        return true;
    }

    /// <summary>What the kernel has ready.</summary>
    /// <returns>How many reports.</returns>
    internal int Look(Span<EpollReport> reports) => Wait(reports, 0);

    /// <summary>Sleeps until the kernel has something ready, the bell rings, or the deadline has passed.</summary>
    /// <param name="set">Whose half this is.</param>
    /// <param name="reports">Where reports go.</param>
    /// <param name="deadline">Until when.</param>
    /// <returns>How many reports. Who returns looks at the set again.</returns>
    internal int Sleep(EpollSet set, Span<EpollReport> reports, Deadline deadline)
    {
        // A full fence: the entry before the last look at the set, as whoever puts something there looks at the entry after it.
        Interlocked.Increment(ref _sleepers);
        try
        {
            if (!set.MaySleep)
                return 0;
            return Wait(reports, deadline.IsNever ? -1 : Math.Max(0, deadline.Nanoseconds - Deadline.Now));
        }
        finally
        {
            if (Interlocked.Decrement(ref _sleepers) == 0 && Volatile.Read(ref _isEnded))
                _bell.Dispose();
        }
    }

    /// <summary>Gives its descriptors back. All sleeps end, and who waits next gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        // As a level the bell ends every sleep, one after the other. Each sleeper holds the epoll open until it is awake, and
        // the last one closes the bell: a descriptor that is closed is reported no more.
        _bell.Signal();
        _epoll.Modify(_bell, EpollEvents.In, _bellData);
        _epoll.Dispose();
        Interlocked.Exchange(ref _isEnded, true);
        if (Volatile.Read(ref _sleepers) == 0)
            _bell.Dispose();
    }

    private static EpollMask InnerMask(bool isReadable) => isReadable ? EpollMask.Readable | EpollMask.Edge : EpollMask.Edge;

    private static ulong DrawData() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    /// <summary>It stays one of the set's own: a wait that is in progress may have a report with it.</summary>
    private void Forget(ulong data)
    {
        _inner[data] = null;
        _spareData.Push(data);
    }

    private EpollStatus Control(
        SafeHandle descriptor, (EpollMask mask, ulong data) wish, Func<Epoll, SafeHandle, (EpollMask mask, ulong data), Errno> call)
    {
        try
        {
            return (EpollStatus)call(_epoll, descriptor, wish);
        }
        catch (ObjectDisposedException)
        {
            return EpollStatus.Closed;
        }
    }

    private int Wait(Span<EpollReport> reports, long timeoutNs)
    {
        for (int tries = Volatile.Read(ref _owned); ; tries--)
        {
            Errno errno = _epoll.Wait(MemoryMarshal.Cast<EpollReport, EpollEvent>(reports), timeoutNs, out int found);
            if (errno != Errno.None)
                throw new IOException($"The kernel does not wait: {errno.Describe()}.");
            int count = 0;
            foreach (EpollReport report in reports[..found])
            {
                if (!TryTakeOwn(report.Data))
                    reports[count++] = report;
            }

            // What is the set's own has taken all places, and may have kept the callers' descriptors out. It is edge-triggered,
            // so there is no more of it than there are registrations, unless more comes all the time. Once there is a report
            // the others wait for their turn: a second look would give what is level-triggered twice.
            if (count != 0 || found != reports.Length || tries == 0)
                return count;
            timeoutNs = 0;
        }
    }

    /// <summary>Whether a report is the set's own; then it is done with.</summary>
    private bool TryTakeOwn(ulong data)
    {
        if (data == _bellData)
            return true;
        if (!_inner.TryGetValue(data, out EpollRegistration? place))
            return false;
        place?.Set.OnKernelReport(place);
        return true;
    }
}
