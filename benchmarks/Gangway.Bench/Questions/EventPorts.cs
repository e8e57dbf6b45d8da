// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>What does an event cost through the event port, beside what else there is?</summary>
internal static class EventPorts
{
    /// <summary>Prints all <c>events.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        double others = Neighbours.Look();
        EventPortLanes.Answer(effort);
        EventPortGrowth.Answer(effort);
        EventPortDescriptors.Answer(effort);
        EventPortPeers.Answer(effort);
        EventPortStorm.Answer(effort);
        Figures.Value("events.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
    }
}
