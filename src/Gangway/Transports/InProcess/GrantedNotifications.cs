// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>The notifications that the other side of a connection inside this process may signal, by number.</summary>
/// <param name="most">How many there may be.</param>
/// <remarks><b>Threads:</b> any; signalling takes no lock.</remarks>
internal sealed class GrantedNotifications(int most)
{
    // Design:
    //
    // _gate counts who is signalling (by Inside), and says whether the end has come. Who finds the end does not signal.
    // "Sender gone" is told by the end if nobody is inside, else by the last one to leave; so it comes behind every signal,
    // nobody waits for anybody, and it is told once. Proof: docs/memory-ordering/inprocess.md, verify/granted.pml.
    //
    // INVARIANT: Ended is set once and stays; while it is set nobody new signals.

    private const ulong Ended = 1;
    private const ulong Inside = 2;

    private readonly Lock _lock = new();
    private Granted[] _granted = [];
    private int _count;
    private bool _isTold;
    private ulong _gate;
    private long _received;

    /// <summary>How many there may be.</summary>
    internal int Most => most;

    /// <summary>Signals that reached a notification.</summary>
    internal long Received => Volatile.Read(ref _received);

    /// <summary>Grants the next one. After the end of the connection it hears of that at once.</summary>
    /// <returns>Its number; -1 when all are granted.</returns>
    internal int Grant(Notification notification, uint permitted)
    {
        lock (_lock)
        {
            int number = _count;
            if (number == most)
                return -1;
            if (number == _granted.Length)
            {
                var more = new Granted[Math.Max(4, 2 * number)];
                _granted.CopyTo(more, 0);
                Volatile.Write(ref _granted, more);
            }

            _granted[number] = new Granted(notification, permitted);
            Volatile.Write(ref _count, number + 1);
            if (_isTold)
                notification.Signal(NotificationSender.SenderGone);
            return number;
        }
    }

    /// <summary>Changes which bits may be signalled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It was not granted.</exception>
    internal void Permit(int number, uint permitted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Volatile.Read(ref _count), nameof(number));
        Volatile.Write(ref Volatile.Read(ref _granted)[number].Permitted, permitted);
    }

    /// <summary>Signals what is permitted of some bits; nothing after the end, and where nothing was granted.</summary>
    internal void Signal(int number, uint bits)
    {
        // The count before the array: that one is as large, or larger.
        if ((uint)number >= (uint)Volatile.Read(ref _count))
            return;
        Granted granted = Volatile.Read(ref _granted)[number];
        bits &= Volatile.Read(ref granted.Permitted);
        if (bits == 0)
            return;

        if ((Interlocked.Add(ref _gate, Inside) & Ended) == 0)
        {
            granted.Notification.Signal(bits);
            Interlocked.Increment(ref _received);
        }

        Leave(Interlocked.Add(ref _gate, unchecked(0 - Inside)));
    }

    /// <summary>The connection has ended: tells each notification, behind all signals, that its sender is gone.</summary>
    internal void End() => Leave(Interlocked.Or(ref _gate, Ended) | Ended);

    private void Leave(ulong gate)
    {
        if (gate != Ended)
            return;
        lock (_lock)
        {
            if (_isTold)
                return;
            _isTold = true;
            foreach (Granted granted in _granted.AsSpan(0, _count))
                granted.Notification.Signal(NotificationSender.SenderGone);
        }
    }

    private sealed class Granted(Notification notification, uint permitted)
    {
        internal uint Permitted = permitted;

        internal Notification Notification { get; } = notification;
    }
}
