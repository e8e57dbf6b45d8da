// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How long from the signal of a lane to its packet in another process, and does it grow with the lanes?</summary>
internal static class EventPortLanes
{
    /// <summary>Prints the figures of lanes.</summary>
    public static void Answer(Effort effort)
    {
        // Longer than others: 262,144 grants come first, and what they keep waiting is compiled after them.
        TimeSpan warmUp = 8 * effort.WarmUp;
        using Pair floor = Pair.Start(Mechanism.Line, Placement.CrossCore, effort.WarmUp);
        using Pair few = Pair.Start(Mechanism.FewLanes, Placement.CrossCore, warmUp);
        using Pair many = Pair.Start(Mechanism.ManyLanes, Placement.CrossCore, warmUp);
        Progress.Say("rounds, lanes there and back");
        Series[] series = Series.Interleave(2 * effort.Rounds + 1, effort.Round, floor, few, many);
        Figures.Ns("events.lane.floor.ns", series[0].P50Ns / 2);
        Figures.Ns("events.lane.64.ns", series[1].P50Ns / 2);
        Figures.Ns("events.lane.262144.ns", series[2].P50Ns / 2);
        Figures.Ratio("events.lane.growth", series[2].P50Over(series[1]));
        Figures.Ratio("events.lane_over_floor", series[1].P50Over(series[0]));
    }
}
