// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What do five hostile clients do to a hundred good ones?</summary>
internal static class FanInHostile
{
    private const int Good = 100;

    /// <summary>Prints the figures.</summary>
    public static void Answer(Effort effort)
    {
        using Fleet fleet = Fleet.Start(Mechanism.Fleet, Good);
        using Fleet victim = Fleet.Start(Mechanism.Fleet, 64);
        if (!Attackers.TryBuild())
        {
            Progress.Say("fanin.hostile.* needs gcc and make: not printed");
            return;
        }

        var alone = new Series();
        var besideHogs = new Series();
        var besideHostile = new Series();
        int calls = 2 * effort.PacedCalls;
        var part = TimeSpan.FromMilliseconds(calls / 2);
        int rounds = Math.Max(3, effort.Rounds / 2);
        fleet.Run($"parked {Good} {calls}");
        Progress.Say("rounds, good clients alone, beside busy ones of another server, beside hostile ones");
        for (int round = 0; round < rounds; round++)
        {
            alone.Add(fleet.Run($"parked {Good} {calls}"));
            using (Attackers.Start(victim, part))
            {
                besideHogs.Add(fleet.Run($"parked {Good} {calls}"));
            }

            using (Attackers.Start(fleet, part))
            {
                besideHostile.Add(fleet.Run($"parked {Good} {calls}"));
            }
        }

        Figures.Ns("fanin.hostile.alone.p99", alone.P99Ns);
        Figures.Ns("fanin.hostile.elsewhere.p99", besideHogs.P99Ns);
        Figures.Ns("fanin.hostile.p99", besideHostile.P99Ns);
        Figures.Ratio("fanin.hostile.elsewhere_ratio", besideHogs.P99Ns / alone.P99Ns);
        Figures.Ratio("fanin.hostile.p99_over_elsewhere", besideHostile.P99Ns / besideHogs.P99Ns);
        Figures.Ratio("fanin.hostile.p99_ratio", besideHostile.P99Ns / alone.P99Ns);
    }
}
