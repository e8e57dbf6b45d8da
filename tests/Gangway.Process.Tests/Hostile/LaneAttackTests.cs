// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>A C program with lanes lies in their words, beside clients that signal in theirs.</summary>
public sealed class LaneAttackTests(ITestOutputHelper output)
{
    private const int Attacks = 3; // Connections of the attack "lanes", with as many lanes each.
    private const int LanesOfEach = 8;
    private const int Victims = 2;

    [Rule("EV-02")]
    [Rule("EV-05")]
    [Rule("EV-25")]
    [Rule("SH-05")]
    [NeedsFact(Need.Gcc)]
    public void Lanes_RewrittenAnnouncedAndNotGranted_CostOnlyTheLiar()
    {
        double seconds = TestLevel.Pick(quick: 1, normal: 3, soak: 90);
        Seed seed = Seed.Take(output);
        using var server = new PeerServer([AttackRun.OtherUser]);
        LaneVictim[] victims = [.. Enumerable.Range(0, Victims).Select(_ => new LaneVictim(server.Address))];
        long[] before = [.. victims.Select(static victim => victim.Rounds)];
        var results = new List<string>();
        try
        {
            Assert.Equal(0, AttackRun.Attack("lanes", server, seconds, seed, output, told: results.Add));
            Watchdog.Until(() => server.Counts() is { Connected: Victims, Handshaking: 0 }, "the attacker's connections ending");
            Array.ForEach(victims, static victim => victim.AssertUndisturbed());
            output.WriteLine($"signals of the victims: {string.Join(' ', victims.Zip(before, static (victim, then) => victim.Rounds - then))}");
        }
        finally
        {
            Array.ForEach(victims, static victim => victim.Dispose());
        }

        Assert.Equal(Attacks, results.Count(static line => line.Contains(" resisted ", StringComparison.Ordinal)));
        Assert.Equal(0, server.Counts().PeerFaults);
        Assert.True(server.IsAlive, server.Errors);

        // Each lane's sender is gone, once; what was taken came out of the port, and what is not permitted never.
        const int Granted = Attacks * LanesOfEach + Victims;
        Watchdog.Until(() => Lanes(server)[4] >= Granted, "the end of each sender");
        long[] lanes = Lanes(server);
        output.WriteLine($"signals {lanes[0]}, false announcements {lanes[1]}, packets {lanes[2]}");
        Assert.Equal((0, Granted, Granted), (lanes[3], lanes[4], lanes[5]));
        Assert.InRange(lanes[0], victims.Sum(static victim => victim.Rounds) + 2 * Attacks, long.MaxValue);
        Assert.InRange(lanes[1], 1, long.MaxValue);
        Assert.InRange(lanes[2], victims.Sum(static victim => victim.Rounds) + 1, lanes[0]);
    }

    private static long[] Lanes(PeerServer server) =>
        [.. server.Ask("lanes").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
}
