// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What is charged to the users of a listener now, summed over all of them.</summary>
/// <param name="Connections">Connections, handshakes under way included.</param>
/// <param name="Bytes">Bytes of shared memory that those users may map, <paramref name="KeptBytes"/> included.</param>
/// <param name="KeptBytes">
/// The part that belongs to connections which have ended: their process lives, and did not say that it unmapped them.
/// </param>
/// <param name="Mappings">Mappings that this process has for them.</param>
/// <param name="Descriptors">
/// Descriptors that this process has for them: sockets, processes that are watched, segments of handshakes.
/// </param>
/// <param name="Transactions">Requests that were taken, and are answered later than their handler's own run.</param>
public readonly record struct ListenerCharges(
    int Connections,
    long Bytes,
    long KeptBytes,
    int Mappings,
    int Descriptors,
    int Transactions);
