// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What do five hostile clients do to a hundred good ones?</summary>
internal static class FanInHostile
{
    private const int Good = 100;
    private const int WarmUps = 3;

    /// <summary>Prints the figures.</summary>
    public static void Answer(Effort effort)
    {
        if (!Attackers.TryBuild())
        {
            Progress.Say("fanin.hostile.* needs gcc and make: not printed");
            return;
        }

        using Fleet fleet = Fleet.Start(Mechanism.Fleet, Good);
        using Fleet elsewhere = Fleet.Start(Mechanism.Fleet, Good);

        // What they do to the server, and, with as much right to the processors as everybody, to the machine.
        Print(effort, fleet, elsewhere, Role.ExecIdle, "fanin.hostile.");
        Print(effort, fleet, elsewhere, Role.Exec, "fanin.hostile.equal.");
    }

    private static void Print(Effort effort, Fleet fleet, Fleet elsewhere, string role, string name)
    {
        Progress.Say($"rounds, good clients: alone, beside attacks on another server, beside attacks on theirs ({role})");
        int calls = 6 * effort.PacedCalls;
        var part = TimeSpan.FromMilliseconds(calls / 2);
        var alone = new Series();
        var besideOthers = new Series();
        var besideHostile = new Series();
        Round(fleet, calls);

        // A server that was never attacked compiles the code that ends such clients when the first one comes, and that
        // alone takes milliseconds.
        foreach (Fleet attacked in (Fleet[])[elsewhere, fleet])
        {
            for (int i = 0; i < WarmUps; i++)
            {
                using Attackers warming = Attackers.Start(attacked, role, part);
                Round(fleet, calls);
            }
        }

        for (int round = 0; round < Math.Max(5, effort.Rounds / 2); round++)
        {
            alone.Add(Round(fleet, calls));
            using (Attackers.Start(elsewhere, role, part))
            {
                besideOthers.Add(Round(fleet, calls));
            }

            using (Attackers.Start(fleet, role, part))
            {
                besideHostile.Add(Round(fleet, calls));
            }
        }

        Figures.Ns(name + "alone.p99", alone.P99Ns);
        Figures.Ns(name + "elsewhere.p99", besideOthers.P99Ns);
        Figures.Ns(name + "p99", besideHostile.P99Ns);
        Figures.Ratio(name + "elsewhere_ratio", besideOthers.P99Ns / alone.P99Ns);
        Figures.Ratio(name + "p99_over_elsewhere", besideHostile.P99Ns / besideOthers.P99Ns);
        Figures.Ratio(name + "p99_ratio", besideHostile.P99Ns / alone.P99Ns);
    }

    private static Measurement Round(Fleet fleet, int calls) => fleet.Run($"parked {Good} {calls}");
}
