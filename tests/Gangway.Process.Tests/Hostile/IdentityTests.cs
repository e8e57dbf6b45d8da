// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>Who is on the other side: the process that connected, as the kernel says, and nobody else.</summary>
public sealed class IdentityTests(ITestOutputHelper output)
{
    // The kernel takes the user at connect(): before, it may become another one; afterwards, it stays who it was.
    [Rule("SE-01")]
    [NeedsTheory(Need.Root | Need.Gcc)]
    [InlineData("--uid", AttackRun.OtherUser)]
    [InlineData("--later-uid", 0)]
    public void Peer_IsWhoTheKernelSays_AndStaysSo(string option, int expected)
    {
        using var server = new PeerServer(AttackRun.OtherUser);
        using ChildProcess client = ChildProcess.Start(
            HostilePrograms.Honest, option, Text(AttackRun.OtherUser), server.SocketPath, "calls", "0"); // For ever.
        client.ReadLineStarting("connected");
        Watchdog.Until(() => server.Ask("peers").Contains(':', StringComparison.Ordinal), "the handler being told");

        string first = server.Ask("peers");
        string[] parts = first.Split(' ')[1].Split(':');
        string again = server.Ask("peers");

        Assert.Equal([Text(expected), Text(expected), Text(client.Id)], parts[..3]);
        Assert.NotEqual("0", parts[3]); // The key of the process, which is never used again.
        Assert.Equal(first, again);
        client.Kill();
        Watchdog.Until(() => server.Ask("peers").Trim() == "peers", "the peer's end");
    }

    // A child that kept the socket of its dead parent; and the same while a new process has the dead one's number.
    [Rule("SE-01")]
    [NeedsTheory(Need.Root | Need.Gcc)]
    [InlineData("orphan")]
    [InlineData("reused-number")]
    public void Connection_ProcessDiedButSocketLives_Ends(string attack)
    {
        PeerCounts counts = AttackRun.Run(attack, 1, output);

        Assert.Equal(1, counts.Accepted);
        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SE-02")]
    [NeedsFact(Need.Root | Need.Gcc)]
    public void Listener_ByDefault_RefusesOtherUsers()
    {
        using var server = new PeerServer();

        Assert.Equal(0, AttackRun.Attack("other-user", server, 1, Seed.Take(output), output));
        Assert.Equal(0, server.Counts().Accepted);
        using Endpoint own = Patient.Connect(server.Address);
        Assert.Equal(EndpointState.Connected, own.State);
    }

    [Rule("SE-02")]
    [NeedsFact(Need.Root | Need.Gcc)]
    public void Listener_ThatAdmitsSomebodyElse_RejectsTheOthersWithReason()
    {
        using var server = new PeerServer(AttackRun.OtherUser - 1);

        Assert.Equal(0, AttackRun.Attack("other-user", server, 1, Seed.Take(output), output));
        Assert.Equal(0, server.Counts().Accepted);
        Assert.Equal(1, server.Counts().Refused);
        Assert.Contains("NotPermitted", server.Ask("refusal"), StringComparison.Ordinal);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
