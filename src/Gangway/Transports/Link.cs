// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>One connection of one transport: moves frames, and knows nothing of what they promise.</summary>
/// <remarks>
/// <b>Threads:</b> sending, replying and completing from any; the rest on the loop's. A link hands what arrives to
/// <see cref="Endpoint.Receive"/>, and its end to <see cref="Endpoint.OnLinkEnded"/>.
/// </remarks>
internal abstract class Link : ReactorSource
{
    /// <summary>The endpoint that this link belongs to.</summary>
    internal abstract Endpoint Endpoint { get; }

    /// <summary>The reactor that reads it.</summary>
    internal abstract Reactor Reactor { get; }

    /// <summary>How the peer broke the protocol, if it did.</summary>
    internal abstract string? FaultDetail { get; }

    /// <summary>What was counted.</summary>
    internal abstract EndpointStatistics Statistics { get; }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="request">The payload.</param>
    /// <param name="reply">Where the reply's payload goes.</param>
    /// <param name="deadline">When to stop waiting.</param>
    /// <param name="chain">The ids of the calls that this one is nested in.</param>
    internal abstract CallResult Call(
        uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain);

    /// <summary>Sends a request without waiting for room, and completes when its reply is there.</summary>
    /// <inheritdoc cref="Call"/>
    internal abstract ValueTask<CallResult> CallAsync(
        uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain,
        CancellationToken cancellationToken);

    /// <summary>Sends a message if there is room.</summary>
    internal abstract Status TrySend(uint operation, ReadOnlySpan<byte> payload);

    /// <summary>Sends a message, waiting for room.</summary>
    internal abstract Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline);

    /// <summary>Answers a request, unless it was answered.</summary>
    internal abstract bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply);

    /// <summary>Tells the callers of replies that were shown, as each waits. Any thread.</summary>
    /// <param name="slots">A bit for each. One too many costs a needless signal.</param>
    internal abstract void AnnounceReplies(ulong slots);

    /// <summary>Leaves the news of replies to the end of the poll. On the loop's thread.</summary>
    internal abstract void KeepReplies(ulong slots);

    /// <summary>Tells of the replies that were left until now. On the loop's thread.</summary>
    internal abstract void AnnounceKept();

    /// <summary>A request was taken: it is cancelled already if its caller says so.</summary>
    internal abstract void NoteRequest(Delivery delivery);

    /// <summary>A message is complete: its credit goes back to the sender.</summary>
    internal abstract void CompleteMessage();

    /// <summary>How many lanes the peer can be signalled by.</summary>
    internal abstract int LanesToSend { get; }

    /// <summary>How many lanes the peer can be granted.</summary>
    internal abstract int LanesToReceive { get; }

    /// <summary>Grants the next lane.</summary>
    /// <returns>Its number; -1 when there is none.</returns>
    internal abstract int Grant(Notification notification, uint permitted);

    /// <summary>Changes which bits of a granted lane the peer may signal.</summary>
    internal abstract void Permit(int lane, uint permitted);

    /// <summary>Comes before the first <see cref="Signal"/>. There must be lanes to send.</summary>
    internal abstract void PrepareSender();

    /// <summary>Signals bits of a lane of the peer. Never fails, also after the end.</summary>
    internal abstract void Signal(int lane, uint bits);

    /// <summary>Notes that the peer broke the protocol; the reactor ends the link.</summary>
    internal abstract void Fault(string detail);
}
