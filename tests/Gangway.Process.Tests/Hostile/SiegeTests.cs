// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>Many attack one server at the same time, for long, while twenty good clients work. In the end all is as it was.</summary>
[Trait("Soak", "yes")]
public sealed class SiegeTests(ITestOutputHelper output)
{
    private const int Victims = 20;
    private const int Share = 400;
    private const long ConnectionBytes = 57_344;
    private const int FirstUser = 65_520;

    private static readonly string[][] s_attacks =
    [
        ["scribble", "noisy-words"],
        ["floods", "hold-all", "lying-state", "pending-slot"],
        ["kill-busy", "kill-steps", "exec-away"],
        ["bell-flood", "never-reading", "descriptors", "half-close", "not-a-bell"],
        ["flipping", "boundaries", "ring-ends", "lying-head"],
        ["noisy-hints", "futexes", "stopped", "late-writer"],
        ["hello-fields", "random-packets", "wrong-order"],
    ];

    // These take all that a user can have, so they need a user of their own.
    private static readonly string[] s_greedy = ["never-unmapping", "never-arriving", "hoard", "fork-and-die"];

    [Rule("SH-05")]
    [Rule("SH-06")]
    [Rule("SH-07")]
    [Rule("SE-03")]
    [Rule("SE-05")]
    [NeedsFact(Need.Gcc)]
    public void Server_UnderManyAttackersAtOnce_ServesTheGoodAndKeepsNothing()
    {
        bool isRoot = Environment.UserName == "root";
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        string[][] attacks = isRoot ? [.. s_attacks, s_greedy] : s_attacks;
        int[] users = isRoot ? [.. Enumerable.Range(FirstUser, attacks.Length)] : [];
        string[] limits = isRoot
            ? ["--bytes", Text(Share * ConnectionBytes), "--connections", Text(2 * Share)]
            : [];
        using var server = new PeerServer(users, limits);
        using (Endpoint first = Patient.Connect(server.Address))
            Assert.True(first.Call(1, [], []).IsOk);
        Watchdog.Until(() => server.Charged().All(static charge => charge == 0), "the first client's end");
        int descriptors = server.ConnectionDescriptors().Length;
        long mappings = server.Number("maps");

        Victim[] victims = [.. Enumerable.Range(0, Victims).Select(_ => new Victim(server.Address, new Random(random.Next()), callsPerPause: 4))];
        try
        {
            Watchdog.Until(() => victims.All(static victim => victim.Calls > 20), "the victims' first calls");
            ProcessAccounting before = server.Accounting();
            Deadline end = Deadline.After(TimeSpan.FromSeconds(TestLevel.Pick(quick: 5, normal: 30, soak: 1_800)));
            Siege[] sieges = [.. attacks.Select((names, i) => new Siege(server, isRoot ? users[i] : null, random.Next(), end, names))];

            string[] complaints = [.. sieges.SelectMany(static siege => siege.Join())];

            Assert.True(server.IsAlive, $"The server ended: {server.Errors}");
            Assert.True(complaints.Length == 0, string.Join('\n', complaints));
            Assert.All(sieges, static siege => Assert.True(siege.Resisted > 0, $"never got in: {siege.Attacks}"));
            foreach (Victim victim in victims)
                victim.AssertUndisturbed();
            AssertOnlyVictimsAreLeft(server, Victims, descriptors, mappings);
            before.AssertNothingLeft();
            PeerCounts counts = server.Counts();
            output.WriteLine($"{string.Join(", ", sieges.Select(static siege => $"{siege.Attacks}: {siege.Resisted}"))}\n{counts}");
            output.WriteLine($"{server.Ask("refusal")}\n{server.Ask("fault")}\nvictims: {victims.Sum(static victim => victim.Calls)} calls");

            // The operator can see both.
            Assert.True(counts is { PeerFaults: > 0, Refused: > 0 }, counts.ToString());
            Assert.NotEqual("refusal none", server.Ask("refusal"));
            Assert.NotEqual("fault none", server.Ask("fault"));
        }
        finally
        {
            Array.ForEach(victims, static victim => victim.Dispose());
        }

        AssertOnlyVictimsAreLeft(server, 0, descriptors, mappings);
    }

    // Our counters, and what the kernel says.
    private static void AssertOnlyVictimsAreLeft(PeerServer server, int connections, int descriptors, long mappings)
    {
        int processes = connections == 0 ? 0 : 1;
        long[] expected = [connections, connections * ConnectionBytes, 0, 2 * connections, connections + processes, 0];
        Watchdog.Until(
            () => server.Charged().SequenceEqual(expected), $"charges {string.Join(' ', server.Charged())}, expected {string.Join(' ', expected)}");
        Watchdog.Until(() => server.Counts() is { Handshaking: 0 } counts && counts.Connected == connections, "the attackers' connections ending");
        server.Ask("collect");
        Watchdog.Until(() => server.ConnectionDescriptors().Length == descriptors + expected[4],
            $"{descriptors} + {expected[4]} descriptors, there are {string.Join(' ', server.ConnectionDescriptors())}");
        Assert.Equal(mappings + expected[3], server.Number("maps"));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
