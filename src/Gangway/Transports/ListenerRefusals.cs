// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How many clients a listener has refused, by why.</summary>
/// <param name="NotPermitted">It does not admit that user, or the process was revoked in the middle of its handshake.</param>
/// <param name="Overloaded">A limit of the listener, of that user or of this process was reached.</param>
/// <param name="Broken">The client broke the protocol, or its memory was not as the protocol demands.</param>
/// <param name="Incompatible">No common version or geometry, or another kernel.</param>
/// <param name="TimedOut">The handshake took too long.</param>
/// <param name="Closing">The listener was being disposed.</param>
public readonly record struct ListenerRefusals(
    long NotPermitted,
    long Overloaded,
    long Broken,
    long Incompatible,
    long TimedOut,
    long Closing);
