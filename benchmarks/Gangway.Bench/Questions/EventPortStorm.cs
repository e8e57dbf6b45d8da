// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>Do other sources wait longer while one storms?</summary>
internal static class EventPortStorm
{
    /// <summary>Prints the figures of a storm.</summary>
    public static void Answer(Effort effort)
    {
        Progress.Say("rounds, 100 sources with and without a storm");
        using var watch = new StormWatch();
        Together(effort, watch, "events.storm", 100);
        Together(effort, watch, "events.storm.single", 1);
    }

    private static void Together(Effort effort, StormWatch watch, string name, int atATime)
    {
        var still = new Series();
        var storming = new Series();
        long waits = 0;
        long packets = 0;
        for (int i = 0; i < effort.Rounds; i++)
        {
            watch.Run(effort.WarmUp / (2 * effort.Rounds), atATime, isStorming: i % 2 == 0);
            Thread.Sleep(effort.WarmUp / (2 * effort.Rounds));
        }

        for (int round = 0; round < effort.Rounds; round++)
        {
            still.Add(watch.Run(effort.BusyRound, atATime, isStorming: false));
            storming.Add(watch.Run(effort.BusyRound, atATime, isStorming: true));
            waits += watch.Waits;
            packets += watch.StormPackets;
        }

        if (packets == 0)
        {
            throw new BenchmarkException("The storm did not reach the port.");
        }

        Figures.Ns($"{name}.alone.p99", still.P99Ns);
        Figures.Ns($"{name}.p99", storming.P99Ns);
        Figures.Value($"{name}.packets_per_wait", (double)packets / waits, "F3", "packets/wait");
        Figures.Ratio($"{name}.p99_ratio", storming.P99Ns / still.P99Ns);
    }
}
