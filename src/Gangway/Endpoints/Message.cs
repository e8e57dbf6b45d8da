// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A one-way message, as a handler sees it.</summary>
/// <remarks>
/// <b>Owns:</b> the payload is valid until the handler returns, and then the message is complete: its credit goes back to
/// the sender. <b>Trust:</b> the payload is a private copy, so it does not change; its content is whatever the peer sent.
/// </remarks>
public readonly ref struct Message
{
    internal Message(uint operation, ReadOnlySpan<byte> payload)
    {
        Operation = operation;
        Payload = payload;
    }

    /// <summary>The operation that the sender named.</summary>
    public uint Operation { get; }

    /// <summary>What was sent.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
