// SPDX-License-Identifier: MIT

namespace Gangway;

// Waits and scans.
public sealed partial class EpollSet
{
    private bool _isListFirst;
    private long _waits;

    /// <summary>Whether a waiter that has announced itself may sleep in the kernel half.</summary>
    internal bool MaySleep => _ready.IsEmpty && !Volatile.Read(ref _isDisposed);

    /// <summary>Whether a waiter that has announced itself may sleep on its own word.</summary>
    internal bool MayPark => MaySleep && Volatile.Read(ref _kernel) is null;

    /// <summary>Waits for reports: epoll_wait.</summary>
    /// <param name="reports">Where they go; at least one place.</param>
    /// <param name="deadline">Until when. Default: for ever. What is ready is reported even if it has passed.</param>
    /// <returns>How many came; 0 when the deadline has passed.</returns>
    /// <remarks>
    /// A wake-up ends one wait, and a wait that leaves something ends another; so several threads may wait, an edge is
    /// reported to one of them, a level to each in turn. <b>Blocks:</b> the thread; inside a handler the reactor goes on with
    /// another. <b>Cost:</b> O(what it looks at), which is what woke up and what is level-triggered and ready; a system call
    /// where the set has descriptors; allocates nothing.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no place (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">The set is disposed, or was meanwhile (EBADF).</exception>
    public int Wait(Span<EpollReport> reports, Deadline deadline = default)
    {
        CheckPlaces(reports);
        while (true)
        {
            bool isLast = deadline.HasPassed;
            int count = Collect(reports);
            if (count == 0 && !isLast)
                count = Sleep(reports, deadline);
            if (count == 0 && !isLast)
                continue;
            PassOn();
            return count;
        }
    }

    /// <summary>Takes the reports that are ready: epoll_wait with a time-out of 0.</summary>
    /// <param name="reports">Where they go; at least one place.</param>
    /// <returns>How many came.</returns>
    /// <exception cref="ArgumentException">There is no place (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">The set is disposed (EBADF).</exception>
    public int Poll(Span<EpollReport> reports)
    {
        CheckPlaces(reports);
        int count = Collect(reports);
        PassOn();
        return count;
    }

    private static void CheckPlaces(Span<EpollReport> reports)
    {
        if (reports.IsEmpty)
            throw new ArgumentException("There is no place for a report.", nameof(reports));
    }

    /// <summary>What both halves have.</summary>
    private int Collect(Span<EpollReport> reports)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        long wait = Interlocked.Increment(ref _waits);
        if (Volatile.Read(ref _kernel) is not { } kernel)
            return Scan(reports, wait);

        // The half that had nothing left over for the other comes second next time.
        bool isListFirst = Volatile.Read(ref _isListFirst);
        int count = isListFirst ? Scan(reports, wait) : LookAtKernel(kernel, reports);
        Volatile.Write(ref _isListFirst, !isListFirst && count == reports.Length);
        if (count == reports.Length)
            return count;
        count += isListFirst ? LookAtKernel(kernel, reports[count..]) : Scan(reports[count..], wait);

        // What the kernel told of a set inside of this one is in the list only now. What was reported is there again if it is level.
        return isListFirst && count < reports.Length ? count + Scan(reports[count..], wait) : count;
    }

    /// <summary>Takes from the ready list what is ready: ep_send_events.</summary>
    /// <param name="reports">Where reports go.</param>
    /// <param name="wait">The number of this wait: nothing is reported twice in it.</param>
    private int Scan(Span<EpollReport> reports, long wait)
    {
        if (_ready.IsEmpty)
            return 0;
        int count = 0;
        lock (_lock)
        {
            _ready.Sort();

            // What is put back comes behind what was there, and is not looked at twice.
            for (int left = _ready.Count; left > 0 && count < reports.Length; left--)
            {
                EpollRegistration place = _ready.TakeFirst()!;
                if (place.ReportedIn == wait)
                {
                    _ready.PutLast(place);
                    continue;
                }

                EpollMask events = place.Look();
                if (events == EpollMask.None)
                    continue;
                place.ReportedIn = wait;
                reports[count++] = new EpollReport(events, place.Data);
                if (place.IsOneShot)
                    place.SwitchOff();
                else if (place.IsLevel)
                    _ready.PutLast(place);
            }
        }

        return count;
    }

    /// <summary>Whoever was woken, or took the wake-up's place, leaves: what is left over is for the next.</summary>
    private void PassOn()
    {
        // A full fence: what was put back comes before the look at who waits.
        Interlocked.MemoryBarrier();
        if (!_ready.IsEmpty)
            WakeWaiter();
    }

    private int Sleep(Span<EpollReport> reports, Deadline deadline)
    {
        Reactor.BeforeWait();
        if (Volatile.Read(ref _kernel) is not { } kernel)
        {
            _parked.Sleep(this, deadline);
            return 0;
        }

        int count = SleepInKernel(kernel, reports, deadline);
        return count == 0 || count == reports.Length ? count : count + Scan(reports[count..], Interlocked.Increment(ref _waits));
    }

    /// <inheritdoc/>
    ref WatchList IReadinessSource.Watches => ref _watches;

    /// <summary>Readable while something in it is ready; what is found not ready on the way leaves the list, as in Linux.</summary>
    uint IReadinessSource.Look()
    {
        bool isReady = HasReady() || (Volatile.Read(ref _kernel)?.IsReadable ?? false);
        return isReady ? (uint)(EpollMask.Readable | EpollMask.ReadNormal) : 0;
    }

    private bool HasReady()
    {
        lock (_lock)
        {
            _ready.Sort();
            while (_ready.TakeFirst() is { } place)
            {
                if (place.Look() == EpollMask.None)
                    continue;
                _ready.PutFirst(place);
                return true;
            }
        }

        return false;
    }

    private bool WakeWaiter() => Volatile.Read(ref _kernel) is { } kernel ? kernel.TryWakeOne() : _parked.TryWakeOne();

    private int LookAtKernel(KernelHalf kernel, Span<EpollReport> reports)
    {
        try
        {
            return kernel.Look(reports);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(EpollSet));
        }
    }

    private int SleepInKernel(KernelHalf kernel, Span<EpollReport> reports, Deadline deadline)
    {
        try
        {
            return kernel.Sleep(this, reports, deadline);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(EpollSet));
        }
    }
}
