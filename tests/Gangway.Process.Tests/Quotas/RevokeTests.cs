// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Quotas;

/// <summary>Three client processes, one of which is revoked.</summary>
public sealed class RevokeTests
{
    private const int Connections = 3;

    [Rule("SE-03")]
    [Fact]
    public void Revoke_OneOfThree_EndsItsConnectionsAndNoOthers()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("server");
        using Listener listener = Domain.Listen(address, new PeerHandler());
        using ChildProcess one = Start(address), two = Start(address), three = Start(address);
        Endpoint[] before = [.. listener.Endpoints];
        PeerIdentity revoked = before.First(endpoint => endpoint.Peer!.ProcessId == two.Id).Peer!;

        Assert.Equal(Connections, listener.Revoke(revoked));

        Watchdog.Until(() => listener.Statistics.Connected == 2 * Connections, "the end of the revoked ones");
        foreach (Endpoint endpoint in before)
        {
            bool isRevoked = endpoint.Peer!.ProcessId == two.Id;
            Assert.Equal(isRevoked ? DisconnectReason.Revoked : DisconnectReason.None, endpoint.DisconnectReason);
        }

        Watchdog.Until(() => Ask(two, "reasons") == "reasons Revoked Revoked Revoked", "the news of it");
        foreach (ChildProcess other in new[] { one, three })
        {
            Assert.Equal("called Ok Ok Ok", Ask(other, "call"));
            Assert.Equal("reasons None None None", Ask(other, "reasons"));
        }

        // It has the same number and key, but nothing bars it.
        Assert.Equal(0, listener.Revoke(revoked));
        two.CloseInput();
        two.WaitForExit();
        using ChildProcess again = Start(address);
        Assert.Equal(0, listener.Revoke(revoked));
        Assert.Equal("called Ok Ok Ok", Ask(again, "call"));
        Watchdog.Until(() => listener.Statistics.Charged is { KeptBytes: 0, Connections: 3 * Connections }, "the revoked one's memory");
    }

    private static ChildProcess Start(string address)
    {
        ChildProcess client = PeerProgram.Start("connect", address, $"{Connections}");
        for (int i = 0; i < Connections; i++)
            client.ReadLineStarting("connected Ok");
        return client;
    }

    private static string Ask(ChildProcess client, string line)
    {
        client.WriteLine(line);
        return client.ReadLine();
    }
}
