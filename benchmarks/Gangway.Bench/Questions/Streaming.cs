// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How many one-way messages of 64 bytes pass in a second, and how often is the peer rung?</summary>
internal static class Streaming
{
    /// <summary>Prints all <c>stream.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        using Pair floor = Pair.Start(Mechanism.StreamFloor, Placement.Unpinned, effort.WarmUp);
        using Pair stream = Pair.Start(Mechanism.Stream, Placement.Unpinned, effort.WarmUp);
        double others = Neighbours.Look();
        Progress.Say("rounds, one-way messages");
        double ringsBefore = Counter(stream, "rings");
        double parksBefore = Counter(stream, "parks");
        double before = stream.Client.AskNumber("counter messages");
        Series[] series = Series.Interleave(effort.Rounds, effort.BusyRound, floor, stream);
        double messages = stream.Client.AskNumber("counter messages") - before;

        Figures.Value("stream.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
        Figures.Rate("stream.floor.messages_per_s", series[0].PerSecond, "messages");
        Figures.Rate("stream.messages_per_s", series[1].PerSecond, "messages");
        Figures.Ratio("stream.over_floor", series[1].PerSecond / series[0].PerSecond);
        Figures.Value(
            "stream.rings_per_million", 1e6 * (Counter(stream, "rings") - ringsBefore) / messages, "F2", "rings/million");
        Figures.Value(
            "stream.parks_per_million", 1e6 * (Counter(stream, "parks") - parksBefore) / messages, "F2", "parks/million");
    }

    // Both sides ring: the sender a reader that sleeps, the reader a sender that waits for space.
    private static double Counter(Pair pair, string name) =>
        pair.Client.AskNumber($"counter {name}") + pair.Server.AskNumber($"counter {name}");
}
