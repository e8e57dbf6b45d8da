// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>One connection of one transport: moves frames, and knows nothing of what they promise.</summary>
/// <remarks>
/// <b>Threads:</b> sending and replying from any; the rest on the reactor's. A link hands what arrives to
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
    internal abstract CallResult Call(uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline);

    /// <summary>Sends a message if there is room.</summary>
    internal abstract Status TrySend(uint operation, ReadOnlySpan<byte> payload);

    /// <summary>Sends a message, waiting for room.</summary>
    internal abstract Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline);

    /// <summary>Answers a request, unless it was answered.</summary>
    internal abstract bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply);

    /// <summary>Notes that the peer broke the protocol; the reactor ends the link.</summary>
    internal abstract void Fault(string detail);
}
