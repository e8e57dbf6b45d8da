// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// Timers and ports in sets.
public sealed partial class EpollSet
{
    /// <summary>Adds a timer: EPOLL_CTL_ADD of a timerfd.</summary>
    /// <param name="source">The timer. It is readable when a time of it has come, until <see cref="EventTimer.Poll"/>.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// What <see cref="Add(Notification, EpollMask, ulong)"/> answers; <see cref="EpollStatus.OutOfMemory"/> when the system
    /// gives no thread to keep the time.
    /// </returns>
    public EpollStatus Add(EventTimer source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        return SourceClock.TryStart() ? AddPlace(source, mask, data, out _) : EpollStatus.OutOfMemory;
    }

    /// <summary>Changes what is reported of a timer, and looks at it again: EPOLL_CTL_MOD.</summary>
    /// <param name="source">The timer.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>What <see cref="Modify(Notification, EpollMask, ulong)"/> answers.</returns>
    public EpollStatus Modify(EventTimer source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ModifyPlace(source, mask, data);
    }

    /// <summary>Removes a timer: EPOLL_CTL_DEL. A wait that begins afterwards does not report it.</summary>
    /// <param name="source">The timer.</param>
    /// <returns><see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Closed"/> when the set is disposed.</returns>
    public EpollStatus Remove(EventTimer source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RemovePlace(source, out _);
    }

    /// <summary>Adds a port, as an epoll descriptor is added to an epoll.</summary>
    /// <param name="source">
    /// The port. It may be in several sets, and be bound to ports and waited on as well. It leaves when it is disposed.
    /// </param>
    /// <param name="mask">What to report, and how. It is <see cref="EpollMask.Readable"/> at most: while it has packets to take.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.Exists"/>; <see cref="EpollStatus.Invalid"/> with <see cref="EpollMask.Exclusive"/>;
    /// <see cref="EpollStatus.Loop"/> if sets and the port would be nested more than five deep;
    /// <see cref="EpollStatus.Closed"/> when one of them is disposed; and for a port that takes descriptors
    /// (<see cref="EventPortOptions.UsesKernel"/>) what
    /// <see cref="Add(System.Runtime.InteropServices.SafeHandle, EpollMask, ulong)"/> answers.
    /// </returns>
    /// <remarks>
    /// It wakes up when a packet is queued there: a signal that joins one that is queued already does not wake it. Who waits for
    /// the set finds the port's descriptors and times, and serves its connections, whose handlers may run inside of the wait, as
    /// in <see cref="EventPort.Wait"/>; but not while a report has switched it off (<see cref="EpollMask.OneShot"/>). A packet whose binding was ended counts until a wait on the port finds it out. A set in
    /// another that holds such a port may be reported once for an event that is no packet. Where two threads take packets and
    /// wait for sets at once, there may be an edge more than packets.
    /// </remarks>
    public EpollStatus Add(EventPort source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
        {
            if (_isDisposed || source.IsDisposed)
                return EpollStatus.Closed;
            if ((mask & EpollMask.Exclusive) != 0)
                return EpollStatus.Invalid;
            if (1 + Height > DepthMax)
                return EpollStatus.Loop;
            if (!SourceClock.TryStart())
                return EpollStatus.OutOfMemory;
            EpollStatus status = AddPlace(source, mask, data, out EpollRegistration? place);
            if (status != EpollStatus.Ok)
                return status;
            _ports++;
            Errno errno = source.Epoll is { } inner ? JoinKernel(place!, inner) : Errno.None;

            // Behind the place: a dispose that has not found that is found here.
            if (errno == Errno.None && source.IsDisposed)
                errno = Errno.EBADF;
            if (errno != Errno.None)
            {
                RemovePort(source);
                return (EpollStatus)errno;
            }
        }

        source.BeginWatch();
        return EpollStatus.Ok;
    }

    /// <summary>Changes what is reported of a port, and looks at it again: EPOLL_CTL_MOD.</summary>
    /// <param name="source">The port.</param>
    /// <param name="mask">What to report, and how.</param>
    /// <param name="data">What its reports carry.</param>
    /// <returns>
    /// <see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Invalid"/> with <see cref="EpollMask.Exclusive"/>;
    /// <see cref="EpollStatus.Closed"/> when one of them is disposed.
    /// </returns>
    public EpollStatus Modify(EventPort source, EpollMask mask, ulong data)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
            return source.IsDisposed ? EpollStatus.Closed : ModifyPlace(source, mask, data);
    }

    /// <summary>Removes a port: EPOLL_CTL_DEL.</summary>
    /// <param name="source">The port.</param>
    /// <returns><see cref="EpollStatus.NotThere"/>; <see cref="EpollStatus.Closed"/> when one of them is disposed.</returns>
    public EpollStatus Remove(EventPort source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (s_nesting)
            return source.IsDisposed ? EpollStatus.Closed : RemovePort(source);
    }

    /// <summary>A port in this set was disposed.</summary>
    internal void Leave(EventPort source)
    {
        lock (s_nesting)
            RemovePort(source);
    }

    private EpollStatus RemovePort(EventPort source)
    {
        EpollStatus status = RemovePlace(source, out _);
        if (status == EpollStatus.Ok)
            _ports--;
        return status;
    }
}
