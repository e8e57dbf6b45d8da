// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Tests.Hostile;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Quotas;

/// <summary>Who takes more than its share is refused, with the limit named; nobody else is, and all comes back with its processes.</summary>
public sealed class HostileQuotaTests(ITestOutputHelper output)
{
    private const long ConnectionBytes = 57_344;
    private const int Share = 12;

    [Rule("SH-07")]
    [Rule("SE-03")]
    [NeedsTheory(Need.Root | Need.Gcc)]
    [InlineData("never-unmapping", 8 * Share, "MaxBytesPerUser")]
    [InlineData("never-arriving", 8 * Share, "MaxBytesPerUser")]
    [InlineData("hoard", Share - 1, "MaxConnectionsPerUser")]
    [InlineData("fork-and-die", 8 * Share, "")]
    public void User_OverItsShare_IsRefusedAndNobodyElse(string attack, int connections, string limit)
    {
        using var server = new PeerServer(
            [AttackRun.OtherUser],
            "--bytes", (Share * ConnectionBytes).ToString(CultureInfo.InvariantCulture),
            "--connections", connections.ToString(CultureInfo.InvariantCulture));
        using var victim = new Victim(server.Address, Seed.Take(output).Random());
        Watchdog.Until(() => victim.Calls > 100, "the victim's first calls");
        ProcessAccounting before = server.Accounting();

        // But for its transactions: the victim may be in the middle of one.
        long[] start = [.. server.Charged().Take(5)];

        Assert.Equal(0, AttackRun.Attack(attack, server, 1, Seed.Take(output), output));

        // Everything comes back with the attacker's processes, and only then.
        Watchdog.Until(() => server.Charged().Take(5).SequenceEqual(start), "what was charged to the attacker coming back");
        Assert.Equal([1, ConnectionBytes, 0, 2, 2], start);
        Assert.InRange(server.Charged()[5], 0, 1);
        using (Endpoint another = Patient.Connect(server.Address))
            Assert.Equal(EndpointState.Connected, another.State);
        Watchdog.Until(() => server.Counts() is { Connected: 1, Handshaking: 0 }, "the attacker's connections ending");
        victim.AssertUndisturbed();
        server.Ask("collect");
        before.AssertNothingLeft();
        string refusal = server.Ask("refusal");
        output.WriteLine(refusal);
        Assert.Contains(limit, refusal, StringComparison.Ordinal);
    }

    // While the attacker lives, it is refused again and again; its neighbours of another user come and go.
    [Rule("SE-03")]
    [NeedsFact(Need.Root | Need.Gcc)]
    public void Neighbours_WhileOneIsOverItsShare_ComeAndGo()
    {
        using var server = new PeerServer([AttackRun.OtherUser], "--bytes", (2 * ConnectionBytes).ToString(CultureInfo.InvariantCulture));
        using ChildProcess first = StartHonest(server), second = StartHonest(server);
        first.ReadLineStarting("connected");
        second.ReadLineStarting("connected");
        using ChildProcess third = StartHonest(server);
        Assert.Contains(third.ReadToEnd(), static line => line.Contains("code 4", StringComparison.Ordinal) || line.Contains("through", StringComparison.Ordinal));

        for (int i = 0; i < 50; i++)
        {
            using Endpoint neighbour = Reconnect(server);
            Assert.True(neighbour.Call(1, [], []).IsOk);
        }

        first.Kill();
        Watchdog.Until(() => server.Charged()[1] <= ConnectionBytes, "the dead one's share");
        using ChildProcess fourth = StartHonest(server);
        fourth.ReadLineStarting("connected");
    }

    // A client in C, and one of ours: what is closed in order is not charged any more, though their processes live.
    [Rule("SH-07")]
    [NeedsFact(Need.Gcc)]
    public void HonestClients_ThatReconnect_KeepNothing()
    {
        using var server = new PeerServer([], "--bytes", (2 * ConnectionBytes).ToString(CultureInfo.InvariantCulture));
        int rounds = TestLevel.Pick(quick: 300, normal: 10_000, soak: 100_000);
        for (int i = 0; i < rounds; i++)
        {
            using Endpoint client = Reconnect(server);
            Assert.True(client.Call(1, [], []).IsOk);
        }

        Watchdog.Until(() => server.Charged().SequenceEqual([0, 0, 0, 0, 0, 0]), "nothing being charged");
        Assert.Equal(rounds, server.Counts().Accepted);
    }

    /// <summary>Connects again: at once, or when a server that has little of a processor has seen the last two go.</summary>
    private static Endpoint Reconnect(PeerServer server)
    {
        Endpoint? endpoint = null;
        Watchdog.Until(
            () =>
            {
                try
                {
                    endpoint = Patient.Connect(server.Address);
                    return true;
                }
                catch (GangwayException refused) when (refused.Error == ConnectError.Overloaded)
                {
                    return false;
                }
            },
            "a share of the quota");
        return endpoint!;
    }

    private static ChildProcess StartHonest(PeerServer server) => ChildProcess.Start(
        HostilePrograms.Honest, "--uid", AttackRun.OtherUser.ToString(CultureInfo.InvariantCulture), server.SocketPath, "calls", "0");
}
