// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Harness;

/// <summary>How long a question may take: how many rounds, and how long each.</summary>
/// <param name="Rounds">Interleaved rounds of each mechanism.</param>
/// <param name="Round">Length of one round.</param>
/// <param name="BusyRound">Length of one round beside a hog: many time slices of the scheduler.</param>
/// <param name="PacedCalls">Calls in one paced round, a millisecond apart.</param>
/// <param name="CountedCalls">Calls over which allocation is counted.</param>
/// <param name="WarmUp">How long a pair talks before its first round.</param>
/// <param name="Idle">How long a server that has nothing to do is watched.</param>
internal sealed record Effort(
    int Rounds, TimeSpan Round, TimeSpan BusyRound, int PacedCalls, int CountedCalls, TimeSpan WarmUp, TimeSpan Idle)
{
    /// <summary>Enough to see a trend: each benchmark takes a minute or so, build included.</summary>
    public static Effort Quick { get; } = new(
        Rounds: 5,
        Round: TimeSpan.FromMilliseconds(60),
        BusyRound: TimeSpan.FromMilliseconds(200),
        PacedCalls: 120,
        CountedCalls: 200_000,
        WarmUp: TimeSpan.FromMilliseconds(700),
        Idle: TimeSpan.FromSeconds(3));

    /// <summary>What to quote.</summary>
    public static Effort Full { get; } = new(
        Rounds: 11,
        Round: TimeSpan.FromMilliseconds(200),
        BusyRound: TimeSpan.FromMilliseconds(1000),
        PacedCalls: 400,
        CountedCalls: 1_000_000,
        WarmUp: TimeSpan.FromMilliseconds(1000),
        Idle: TimeSpan.FromSeconds(10));
}
