// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>Two endpoints, as the listening side remembers them.</summary>
/// <param name="id">Their id.</param>
/// <param name="processKey">The client's process.</param>
internal sealed class KnownPair(Guid id, ulong processKey)
{
    internal Guid Id { get; } = id;

    internal ulong ProcessKey { get; } = processKey;

    /// <summary>The last attempt that was begun. One that is not later is of no account.</summary>
    internal ulong LastEpoch { get; set; }

    /// <summary>The endpoint of its connection, until its last callback is over; null without one.</summary>
    internal Endpoint? Endpoint { get; set; }

    /// <summary>The handshake that is under way, or waits for that; null without one.</summary>
    internal PendingHandshake? Handshake { get; set; }
}
