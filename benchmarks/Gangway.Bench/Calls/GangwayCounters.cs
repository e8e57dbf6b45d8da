// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>The public statistics of an endpoint, by the names that the harness asks for.</summary>
internal static class GangwayCounters
{
    /// <summary>One counter of <paramref name="endpoint"/>.</summary>
    public static long Read(Endpoint? endpoint, string name)
    {
        EndpointStatistics statistics = endpoint?.Statistics ?? throw new BenchmarkException("No client has connected.");
        return name switch
        {
            "messages" => statistics.MessagesSent,
            // A byte on the socket for a reactor, a futex wake for a caller: each is a system call for the peer.
            "rings" => statistics.Rings + statistics.Wakes,
            "parks" => statistics.Parks,
            _ => throw new BenchmarkException($"Unknown counter '{name}'."),
        };
    }
}
