// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

// Deadlines of requests whose handlers asked for a token.
public sealed partial class Endpoint
{
    /// <summary>Of the slots whose handlers asked for a token; null until one did.</summary>
    private RequestTimer?[]? _timers;

    /// <summary>Has a request's token cancelled when its deadline passes, whether its caller says so or not. Any thread.</summary>
    internal void WatchDeadline(int slot, ulong generation, Deadline deadline)
    {
        if (State >= EndpointState.Disconnecting)
            return;
        RequestTimer?[] timers = Volatile.Read(ref _timers) ?? MakeTimers();
        RequestTimer timer = Volatile.Read(ref timers[slot]) ?? MakeTimer(ref timers[slot], slot);
        timer.Arm(deadline);

        // Answered meanwhile: the slot may be another request's, whose wish this has replaced. It is looked at at once.
        if (!Transactions.IsUnanswered(slot, generation))
            timer.Arm(Deadline.After(TimeSpan.Zero));
    }

    private RequestTimer?[] MakeTimers()
    {
        var timers = new RequestTimer?[SegmentLayout.SlotCount];
        return Interlocked.CompareExchange(ref _timers, timers, null) ?? timers;
    }

    private RequestTimer MakeTimer(ref RequestTimer? place, int slot)
    {
        var timer = new RequestTimer(_link!, slot);
        return Interlocked.CompareExchange(ref place, timer, null) ?? timer;
    }
}
