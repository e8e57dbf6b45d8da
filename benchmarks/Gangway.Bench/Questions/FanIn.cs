// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What do 10,000 connections cost, beside 100, beside a Unix socket, beside hostile ones?</summary>
internal static class FanIn
{
    /// <summary>Prints all <c>fanin.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        double others = Neighbours.Look();
        using (Fleet small = Fleet.Start(Mechanism.Fleet, FanInLatency.Few))
        using (Fleet large = Fleet.Start(Mechanism.Fleet, FanInMemory.Base))
        {
            FanInMemory.Answer(large, FanInLatency.Many);
            FanInLatency.Answer(effort, small, large);
            large.Grow(FanInThroughput.Many);
            FanInThroughput.AnswerMany(effort, large);
        }

        FanInThroughput.AnswerBesidePeer(effort);
        FanInHostile.Answer(effort);
        Figures.Value("fanin.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
    }
}
