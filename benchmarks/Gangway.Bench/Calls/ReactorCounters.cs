// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Calls;

/// <summary>The public statistics of a listener's reactor, by the names that the harness asks for.</summary>
internal static class ReactorCounters
{
    /// <summary>One counter, or null if there is none of that name.</summary>
    public static long? Read(Listener listener, string name)
    {
        ReactorStatistics statistics = listener.ReactorStatistics;
        return name switch
        {
            "turns" => statistics.Turns,
            "lines" => statistics.LinesRead,
            "takeovers" => statistics.Takeovers,
            _ => null,
        };
    }
}
