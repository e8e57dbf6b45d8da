// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// A thousand connections that send as fast as they can, beside twenty good clients. In the end both sides agree on each
/// record, and the kernel says that nothing is left.
/// </summary>
[Trait("Soak", "yes")]
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int Crowd = 100; // As CROWD in attacks_crowd.c.
    private const int Victims = 20;
    private const int CallsOfEach = 100;
    private const int FirstUser = 65_500;

    [Rule("SH-07")]
    [Rule("SH-05")]
    [Rule("SE-03")]
    [NeedsFact(Need.Gcc)]
    public void Server_FloodedByAThousandConnections_CountsEachRecordAndKeepsNothing()
    {
        bool isRoot = Environment.UserName == "root";
        int processes = TestLevel.Pick(quick: 3, normal: 10, soak: 10);
        double seconds = TestLevel.Pick(quick: 1, normal: 6, soak: 900);
        int[] users = isRoot ? [.. Enumerable.Range(FirstUser, processes)] : [];
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        using var server = new PeerServer(users);
        using (Endpoint first = Patient.Connect(server.Address))
            Assert.True(first.Call(1, [], []).IsOk);
        Watchdog.Until(() => server.Charged().All(static charge => charge == 0), "the first client's end");
        int descriptors = server.ConnectionDescriptors().Length;
        long mappings = server.Number("maps");
        long[] handledBefore = Numbers(server, "handled"), endedBefore = Numbers(server, "ended");

        Victim[] victims = [.. Enumerable.Range(0, Victims).Select(_ => new Victim(server.Address, new Random(random.Next()), callsPerPause: 4))];
        long notes = 0, requests = 0, answered = 0;
        try
        {
            ChildProcess[] attackers = [.. Enumerable.Range(0, processes).Select(i => Start(server, seconds, isRoot ? users[i] : null))];
            try
            {
                foreach (ChildProcess attacker in attackers)
                    attacker.ReadLineStarting("FLOODING");
                Assert.Equal((processes * Crowd) + Victims, server.Counts().Connected);
                long[] before = [.. victims.Select(static victim => victim.Calls)];
                Watchdog.Until(
                    () => victims.Zip(before).All(static pair => pair.First.Calls > pair.Second + CallsOfEach), "the good clients' calls");
                foreach (ChildProcess attacker in attackers)
                    attacker.WriteLine("stop");
                foreach (ChildProcess attacker in attackers)
                {
                    string[] flooded = Line(attacker, "FLOODED", seconds).Split(' ');
                    output.WriteLine(string.Join(' ', flooded));
                    notes += Number(flooded[2]);
                    requests += Number(flooded[3]);
                    answered += Number(flooded[4]);
                    Assert.Contains(" resisted ", attacker.ReadLineStarting("RESULT"), StringComparison.Ordinal);
                    Assert.Equal(0, attacker.WaitForExit());
                }
            }
            finally
            {
                Array.ForEach(attackers, static attacker => attacker.Dispose());
            }

            Watchdog.Until(() => server.Counts() is { Connected: Victims, Handshaking: 0 }, "the flooders' connections ending");
            Array.ForEach(victims, static victim => victim.AssertUndisturbed());
        }
        finally
        {
            Array.ForEach(victims, static victim => victim.Dispose());
        }

        // Each side's count of each record; the good clients ask for their totals once.
        long sent = notes + victims.Sum(static victim => victim.Messages);
        long asked = victims.Sum(static victim => victim.Calls + 1);
        long[] expected = [sent, requests + asked];
        Watchdog.Until(() => Numbers(server, "ended").Zip(endedBefore, static (now, then) => now - then).SequenceEqual(expected),
            $"the server's endpoints counting {string.Join(' ', expected)}");
        Assert.Equal([sent, answered + asked, 0], Numbers(server, "handled").Zip(handledBefore, static (now, then) => now - then));

        Assert.Equal((0, 0), (server.Counts().PeerFaults, server.Counts().Refused));
        Watchdog.Until(() => server.Charged().All(static charge => charge == 0), "nothing being charged");
        server.Ask("collect");
        Watchdog.Until(() => server.ConnectionDescriptors().Length == descriptors, "the descriptors of before");
        Assert.Equal(mappings, server.Number("maps"));
        output.WriteLine($"{notes} messages and {requests} requests of {processes * Crowd} connections; good clients: {asked} calls");
    }

    private static ChildProcess Start(PeerServer server, double seconds, int? user) => ChildProcess.Start(
        HostilePrograms.Hostile,
        [
            .. user is int id ? new[] { "--uid", id.ToString(CultureInfo.InvariantCulture) } : [],
            "--seconds", seconds.ToString(CultureInfo.InvariantCulture), server.SocketPath, "crowd",
        ]);

    private static string Line(ChildProcess attacker, string prefix, double seconds) =>
        Watchdog.Run(() => attacker.ReadLineStarting(prefix), TimeSpan.FromSeconds(seconds) + (2 * Watchdog.Bound));

    private static long[] Numbers(PeerServer server, string line) => [.. server.Ask(line).Split(' ').Skip(1).Select(Number)];

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
