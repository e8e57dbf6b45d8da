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
        using Pair floor = Pair.Start(Mechanism.Line, Placement.CrossCore, effort.WarmUp);
        using Pair few = Pair.Start(Mechanism.FewLanes, Placement.CrossCore, effort.WarmUp);
        using Pair many = Pair.Start(Mechanism.ManyLanes, Placement.CrossCore, effort.WarmUp);
        Progress.Say("rounds, lanes there and back");
        Series[] series = Series.Interleave(effort.Rounds, effort.Round, floor, few, many);
        Figures.Ns("events.lane.floor.ns", series[0].P50Ns / 2);
        Figures.Ns("events.lane.64.ns", series[1].P50Ns / 2);
        Figures.Ns("events.lane.262144.ns", series[2].P50Ns / 2);
        Figures.Ratio("events.lane.growth", series[2].P50Ns / series[1].P50Ns);
        Figures.Ratio("events.lane_over_floor", series[1].P50Ns / series[0].P50Ns);
    }
}
