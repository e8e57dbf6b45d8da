// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Who the peer is comes from the kernel, is there before the first request, and never changes.</summary>
[Rule("SE-01")]
public sealed class IdentityTests
{
    [Fact]
    public void Peer_OfBothSides_IsThisProcessAsTheKernelSays()
    {
        PeerIdentity? atConnect = null, atRequest = null;
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Connect = server => atConnect = server.Peer,
            Transaction = (server, transaction) =>
            {
                atRequest = server.Peer;
                transaction.Complete(Status.Ok);
            },
        });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Endpoint server = pair.Server;
        foreach (PeerIdentity? peer in new[] { atConnect, atRequest, server.Peer, pair.Client.Peer })
        {
            Assert.NotNull(peer);
            Assert.Equal(Environment.ProcessId, peer.ProcessId);
            Assert.Equal(IdOf("Uid:"), peer.UserId);
            Assert.Equal(IdOf("Gid:"), peer.GroupId);
            Assert.NotEqual(0ul, peer.ProcessKey);
        }

        Assert.Same(atConnect, atRequest);
        Assert.Same(atConnect, server.Peer);
        Assert.Equal(server.Peer!.ProcessKey, pair.Client.Peer!.ProcessKey);
        PeerIdentity? before = pair.Client.Peer;
        Watchdog.Run(pair.Dispose);
        Assert.Same(before, pair.Client.Peer);
        Assert.Same(atConnect, server.Peer);
    }

    [Fact]
    public void Peer_OfTwoConnections_HasOneKey()
    {
        using Pair one = Pair.Make(ScriptedHandler.Echo());
        using Pair other = Pair.Make(ScriptedHandler.Echo());
        Assert.Equal(one.Client.Peer, other.Client.Peer);
        Assert.Contains($"process {Environment.ProcessId}", one.Client.Peer!.ToString(), StringComparison.Ordinal);
    }

    // Effective id: the second number.
    private static uint IdOf(string name) => uint.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2]);
}
