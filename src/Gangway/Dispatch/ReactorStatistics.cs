// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What the loops of a listener, or of all connecting endpoints, have counted.</summary>
/// <param name="Turns">Turns over the hot connections, or over some of them: a turn ends after 64 records.</param>
/// <param name="Looks">Looks at the kernel's event queue: one system call each.</param>
/// <param name="Parks">Times that a hot connection was parked because nothing came.</param>
/// <param name="LinesRead">Cache lines of shared memory that turns looked at to find out whether there is work.</param>
/// <param name="Takeovers">Times that a loop went to another thread because a handler stayed too long or waited.</param>
/// <param name="Shortages">Handlers that ran on a strand because no thread stood by.</param>
public readonly record struct ReactorStatistics(
    long Turns,
    long Looks,
    long Parks,
    long LinesRead,
    long Takeovers,
    long Shortages)
{
    /// <summary>Adds the counts of two.</summary>
    public static ReactorStatistics operator +(ReactorStatistics left, ReactorStatistics right) => new(
        left.Turns + right.Turns,
        left.Looks + right.Looks,
        left.Parks + right.Parks,
        left.LinesRead + right.LinesRead,
        left.Takeovers + right.Takeovers,
        left.Shortages + right.Shortages);
}
