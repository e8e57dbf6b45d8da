// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>Do other sources wait longer while one storms?</summary>
internal static class EventPortStorm
{
    // With less than this the storming thread had no processor for half of the round.
    private const double RagingPacketsPerWait = 0.5;

    private const int TriesPerRound = 20;

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
        for (int i = 0; i < effort.Rounds; i++)
        {
            watch.Run(effort.WarmUp / (2 * effort.Rounds), atATime, isStorming: i % 2 == 0);
            Thread.Sleep(effort.WarmUp / (2 * effort.Rounds));
        }

        // Short ones, so that both threads have a processor in some of them even beside a busy neighbour.
        TimeSpan duration = effort.Round / 5;
        var still = new Series();
        var storming = new Series();
        int kept = 0;
        int tries = 0;
        double packetsPerWait = 0;
        for (; kept < effort.Rounds && tries < TriesPerRound * effort.Rounds; tries++)
        {
            Measurement alone = watch.Run(duration, atATime, isStorming: false);
            Measurement beside = watch.Run(duration, atATime, isStorming: true);
            if (watch.StormPacketsPerWait >= RagingPacketsPerWait)
            {
                kept++;
                packetsPerWait += watch.StormPacketsPerWait;
                still.Add(alone);
                storming.Add(beside);
            }
        }

        Figures.Value($"{name}.raging_percent", 100.0 * kept / tries, "F0", "percent");
        if (kept == 0)
        {
            Progress.Say($"WARNING: {name}: the storming thread got no processor, or no packet came: not printed");
            return;
        }

        Figures.Ns($"{name}.alone.p99", still.P99Ns);
        Figures.Ns($"{name}.p99", storming.P99Ns);
        Figures.Value($"{name}.packets_per_wait", packetsPerWait / kept, "F3", "packets/wait");
        Figures.Ratio($"{name}.p99_ratio", storming.P99Ns / still.P99Ns);
    }
}
