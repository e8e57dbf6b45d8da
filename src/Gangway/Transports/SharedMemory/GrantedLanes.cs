// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The lanes that a peer signals: which notification of ours each of them is.</summary>
/// <remarks><b>Threads:</b> taking and ending are the loop's; granting and permitting any thread's.</remarks>
internal sealed class GrantedLanes
{
    // Design:
    //
    // Who grants and who takes share a lock, so that a lane can be signalled as soon as its number is known. The loop never
    // waits for it: where it finds the lock taken, it comes again in its next turn, and does not sleep before.

    private const int SignalsPerTurn = 64;

    private readonly Lock _lock = new();
    private readonly LaneReader<ProcessMemory> _reader;
    private readonly LaneGeometry _geometry;
    private readonly LaneSignal[] _signals = new LaneSignal[SignalsPerTurn];
    private readonly List<Notification> _notifications = [];
    private int _count;
    private long _received;
    private bool _hasEnded;

    /// <summary>Starts with none granted.</summary>
    /// <param name="segments">Their words.</param>
    /// <param name="offset">Where they lie, in both.</param>
    /// <param name="geometry">How many there are.</param>
    internal GrantedLanes(SegmentPair segments, int offset, LaneGeometry geometry)
    {
        _reader = new LaneReader<ProcessMemory>(segments.Peer, offset, segments.Own, offset, geometry);
        _geometry = geometry;
    }

    /// <summary>Signals that were taken.</summary>
    internal long Received => Volatile.Read(ref _received);

    /// <summary>How often the peer announced something where nothing was.</summary>
    internal long FalseAnnouncements => (long)_reader.FalseAnnouncements;

    /// <summary>Whether there is something to take. Before the first grant nothing is looked at.</summary>
    internal bool HasSignals(Order order = Order.LaneParentSet) => Volatile.Read(ref _count) != 0 && _reader.HasSignals(order);

    /// <summary>Makes the next lane a notification's. After the end of the connection that hears of it at once.</summary>
    /// <returns>The number of the lane; -1 when all are granted.</returns>
    internal int Grant(Notification notification, uint permitted)
    {
        lock (_lock)
        {
            int lane = _reader.Grant(permitted);
            if (lane < 0)
                return lane;
            _notifications.Add(notification);
            Volatile.Write(ref _count, _notifications.Count);
            if (_hasEnded)
                notification.Signal(NotificationSender.SenderGone);
            return lane;
        }
    }

    /// <summary>Changes which bits the peer may signal.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The lane was not granted.</exception>
    internal void Permit(int lane, uint permitted)
    {
        lock (_lock)
            _reader.Permit(lane, permitted);
    }

    /// <summary>Passes signals on, up to a turn's budget.</summary>
    /// <returns>How many.</returns>
    internal int Take()
    {
        if (!_lock.TryEnter())
            return 0;
        try
        {
            return TakeTurn();
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>The connection has ended: takes what is left of it, and tells each notification that its sender is gone.</summary>
    /// <param name="isTrusted">Whether the peer kept to the protocol so far.</param>
    internal void End(bool isTrusted)
    {
        lock (_lock)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;

            // As many turns as all lanes of an honest peer take, and no more: a living one may signal on.
            int turns = isTrusted ? (_notifications.Count + _geometry.Levels) / SignalsPerTurn * 2 + 2 : 0;
            while (turns-- > 0 && HasSignals())
                TakeTurn();
            foreach (Notification notification in _notifications)
                notification.Signal(NotificationSender.SenderGone);
        }
    }

    private int TakeTurn()
    {
        int count = _reader.Take(_signals);
        Volatile.Write(ref _received, _received + count);
        foreach (LaneSignal signal in _signals.AsSpan(0, count))
            _notifications[signal.Lane].Signal(signal.Bits, signal.Count);
        return count;
    }
}
