// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net.Sockets;
using Gangway.Process.Tests.Ending;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>Somebody who is not admitted knocks all the time: good clients work, come and go, and each refusal is counted.</summary>
[Trait("Soak", "yes")]
public sealed class KnockTests(ITestOutputHelper output)
{
    private const int Backlog = 64;

    [Rule("SE-03")]
    [NeedsFact(Need.Gcc | Need.Root)]
    public void Neighbours_WhileANotAdmittedUserKnocks_ComeAndGo()
    {
        Seed seed = Seed.Take(output);
        using var server = new PeerServer(AttackRun.OtherUser - 1);
        using var victim = new Victim(server.Address, seed.Random());
        Watchdog.Until(() => victim.Calls > 100, "the victim's first calls");
        ProcessAccounting before = server.Accounting();
        long knocked = -1;
        bool isOver = false;
        int neighbours = 0;
        Task<int> attack = Task.Run(() =>
        {
            int exitCode = AttackRun.Attack("knock", server, TestLevel.Pick(quick: 1, normal: 3, soak: 120), seed, output, told: line =>
            {
                if (line.StartsWith("KNOCKED ", StringComparison.Ordinal))
                    knocked = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            });
            Volatile.Write(ref isOver, true);
            return exitCode;
        });
        for (; !Volatile.Read(ref isOver); neighbours++)
        {
            using Endpoint neighbour = Patient.Connect(server.Address);
            Assert.True(neighbour.Call(1, [], []).IsOk);
            Thread.Sleep(1);
        }

        Assert.Equal(0, Watchdog.Run(() => attack.Result));
        victim.AssertUndisturbed();
        Watchdog.Until(() => server.Counts().Refused == knocked, $"{knocked} refusals");
        Assert.Equal(1 + neighbours, server.Counts().Accepted);
        Assert.Contains("NotPermitted", server.Ask("refusal"), StringComparison.Ordinal);
        output.WriteLine($"{knocked} refused, {neighbours} neighbours came and went, {victim.Calls} calls of the victim");
        server.Ask("collect");
        before.AssertNothingLeft();
    }

    // Who connects waits behind those who came before, also behind those who left again: they are few.
    [Rule("SE-03")]
    [Fact]
    public void Backlog_OfAServerThatDoesNotAccept_IsShort()
    {
        using var server = new PeerServer();
        ProcessSignals.Stop(server.Process);
        var endpoint = new UnixDomainSocketEndPoint(server.SocketPath);
        int places = 0;
        while (TryKnock(endpoint))
            Assert.InRange(++places, 1, Backlog + 1); // The kernel gives one more.
        output.WriteLine($"{places} places");
        Assert.InRange(places, Backlog / 2, Backlog + 1);

        ProcessSignals.Continue(server.Process);
        using Endpoint good = Patient.Connect(server.Address);
        Assert.True(good.Call(1, [], []).IsOk);
        Watchdog.Until(() => server.Counts() is { Connected: 1, Handshaking: 0 } counts && counts.Abandoned == places, "those who left");
    }

    /// <summary>Connects and leaves. False: there is no place.</summary>
    private static bool TryKnock(UnixDomainSocketEndPoint endpoint)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(endpoint);
            return true;
        }
        catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
        {
            return false;
        }
    }
}
