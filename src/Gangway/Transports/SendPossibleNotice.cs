// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>"Send possible", on its way to the application: one for each time in which senders were refused.</summary>
internal sealed class SendPossibleNotice(Link link) : StrandWork
{
    private int _owed;

    /// <summary>Has the application told once more. Any thread.</summary>
    internal void Post()
    {
        // Who makes it one queues it; it stays queued, or running, until it is none.
        if (Interlocked.Increment(ref _owed) == 1)
            link.Endpoint.Strand.Queue(this);
    }

    /// <inheritdoc/>
    internal override void Run(Strand strand, bool isCancelled)
    {
        // Behind the end of its connection there is nothing that could be sent on it; on the next one nothing was refused.
        for (int owed = Interlocked.Exchange(ref _owed, 0); owed > 0 && !isCancelled && !link.IsOver; owed--)
            link.Endpoint.OnSendPossible();
    }
}
