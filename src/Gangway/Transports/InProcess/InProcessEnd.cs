// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>How a connection inside this process ends: the same for both of its links, said once.</summary>
internal sealed class InProcessEnd
{
    private Cause? _cause;

    /// <summary>Whether it ends or has ended: nothing more is sent.</summary>
    internal bool HasBegun => Volatile.Read(ref _cause) is not null;

    /// <summary>Says why.</summary>
    /// <param name="by">Whose side ends it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="detail">What the other side did, if it broke the rules.</param>
    /// <returns>False when something else ended it before.</returns>
    internal bool TryBegin(InProcessLink by, DisconnectReason reason, string? detail) =>
        Interlocked.CompareExchange(ref _cause, new Cause(by, reason, detail), null) is null;

    /// <summary>What a side reports.</summary>
    internal DisconnectReason ReasonOf(InProcessLink link) =>
        _cause is { Reason: DisconnectReason.PeerFault } fault && fault.By != link
            ? DisconnectReason.ClosedByPeerFault
            : _cause?.Reason ?? DisconnectReason.None;

    /// <summary>What the other side did; null when it did nothing.</summary>
    internal string? DetailOf(InProcessLink link) => Volatile.Read(ref _cause) is { } cause && cause.By == link ? cause.Detail : null;

    private sealed record Cause(InProcessLink By, DisconnectReason Reason, string? Detail);
}
