// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Who is on the other side, as the kernel says. Taken when the connection is made; it never changes.</summary>
/// <param name="UserId">The user at the time of <c>connect</c> (a client's peer: of <c>listen</c>).</param>
/// <param name="GroupId">The group at that time.</param>
/// <param name="ProcessId">For people and logs: the number may be used again after the process ended.</param>
/// <param name="ProcessKey">
/// The inode number of the process's pidfd, which is never used again while the machine runs: compare this one.
/// </param>
/// <remarks>Source: <c>SO_PEERCRED</c> and <c>SO_PEERPIDFD</c>, unix(7). <b>Threads:</b> immutable.</remarks>
public sealed record PeerIdentity(uint UserId, uint GroupId, int ProcessId, ulong ProcessKey)
{
    /// <inheritdoc/>
    public override string ToString() => $"user {UserId}, process {ProcessId}";
}
