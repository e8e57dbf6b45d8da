// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What does a server with 10,000 connections cost while none of them is used?</summary>
internal static class Idleness
{
    private const int Connections = 10_000;

    /// <summary>Prints all <c>idle.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        using Fleet fleet = Fleet.Start(Mechanism.Fleet, Connections);

        // Each was used once, so that none is idle only because it never began.
        fleet.AskAll("touch");
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Progress.Say("watching an idle server");
        double ask = CostOfAsking(fleet.Server);
        double before = fleet.Server.AskNumber("cpu");
        Thread.Sleep(effort.Idle);
        double used = fleet.Server.AskNumber("cpu") - before - ask;
        Figures.Value("idle.10000.cpu_percent", 100 * used / effort.Idle.TotalMicroseconds, "F4", "percent");
        Figures.Value("idle.others_cpu_percent", Neighbours.Look(), "F0", "percent");
    }

    private static double CostOfAsking(Child child)
    {
        double first = child.AskNumber("cpu");
        return child.AskNumber("cpu") - first;
    }
}
