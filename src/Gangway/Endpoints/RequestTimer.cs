// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

/// <summary>Cancels the token of a request when its time is up: one for each slot whose handlers ask for a token.</summary>
internal sealed class RequestTimer(Link link, int slot) : TimerNode
{
    // Design:
    //
    // It belongs to the slot and not to the request, so it is made once and stays in one wheel. It carries nothing of the
    // request that it was armed for: when it fires, it looks which one is pending and whether that one's time is up. So it
    // may fire late, or for nothing, and is not disarmed when a request ends.

    /// <summary>
    /// So long a node stays in the wheel at most, whatever deadline a peer names: behind a connection that has ended it keeps
    /// memory.
    /// </summary>
    internal const long WatchNsMax = 10_000_000_000;

    /// <inheritdoc/>
    internal override void OnDue(long now)
    {
        if (link.Transactions.Find(slot, out uint stamp) is not { } delivery)
            return;
        Deadline deadline = delivery.TokenDeadlineOf(stamp);
        if (deadline.Nanoseconds <= now)
            delivery.Cancel(stamp);
        else if (!deadline.IsNever && !link.HasEnded)
            Arm(deadline);
    }

    /// <summary>Has the slot looked at when a deadline passes, or before. Any thread.</summary>
    internal void Arm(Deadline deadline) =>
        link.Reactor.WatchUntil(this, Math.Min(deadline.Nanoseconds, Deadline.Now + WatchNsMax));
}
