// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Globalization;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Identity;

/// <summary>What both sides are told about each other when both use the library.</summary>
public sealed class ClientIdentityTests
{
    private const int Connections = 3;

    [Rule("SE-01")]
    [Fact]
    public void Peer_OfSeveralConnections_IsTheProcessAndStaysIt()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("server");
        var handler = new IdentityHandler();
        using Listener listener = Domain.Listen(address, handler);
        using ChildProcess first = PeerProgram.Start("connect", address, Connections.ToString(CultureInfo.InvariantCulture));
        using ChildProcess second = PeerProgram.Start("connect", address, Connections.ToString(CultureInfo.InvariantCulture));

        string[] seenByFirst = [.. Enumerable.Range(0, Connections).Select(_ => first.ReadLineStarting("connected Ok "))];
        string[] seenBySecond = [.. Enumerable.Range(0, Connections).Select(_ => second.ReadLineStarting("connected Ok "))];

        // The server: one key for all connections of a process, another for the other; our user; the right process.
        ulong firstKey = KeyOf(handler, first), secondKey = KeyOf(handler, second);
        Assert.NotEqual(firstKey, secondKey);
        Assert.All(handler.AtConnect.Values, static peer => Assert.True(peer.UserId == EffectiveId("Uid:") && peer.GroupId == EffectiveId("Gid:")));

        // Known before the first request, and the same in every request.
        Assert.Equal(2 * Connections, handler.AtRequest.Count);
        Assert.All(handler.AtRequest, entry => Assert.Same(handler.AtConnect[entry.Key], entry.Value));

        // The clients: all see one server, and it is this process.
        Assert.Single(seenByFirst.Concat(seenBySecond).Distinct());
        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), seenByFirst[0].Split(' ')[4]);
        Assert.DoesNotContain(seenByFirst[0].Split(' ')[5], new[] { "0", firstKey.ToString(CultureInfo.InvariantCulture) });

        // The same after its process has ended.
        first.Kill();
        Watchdog.Until(() => handler.AtDisconnect.Count == Connections, "the killed client's connections ending");
        Assert.All(handler.AtDisconnect, entry => Assert.Equal(firstKey, entry.Value.ProcessKey));
    }

    private static ulong KeyOf(IdentityHandler handler, ChildProcess process)
    {
        PeerIdentity[] peers = [.. handler.AtConnect.Values.Where(peer => peer.ProcessId == process.Id)];
        Assert.Equal(Connections, peers.Length);
        return Assert.Single(peers.Select(static peer => peer.ProcessKey).Distinct());
    }

    private static uint EffectiveId(string kind) => uint.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(kind, StringComparison.Ordinal)).Split('\t')[2], CultureInfo.InvariantCulture);

    private sealed class IdentityHandler : EndpointHandler
    {
        public ConcurrentDictionary<Endpoint, PeerIdentity> AtConnect { get; } = new();

        public ConcurrentDictionary<Endpoint, PeerIdentity> AtRequest { get; } = new();

        public ConcurrentDictionary<Endpoint, PeerIdentity> AtDisconnect { get; } = new();

        public override void OnConnect(Endpoint endpoint) => AtConnect[endpoint] = endpoint.Peer!;

        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            AtRequest[endpoint] = endpoint.Peer!;
            transaction.Complete(transaction.Request);
        }

        public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason) => AtDisconnect[endpoint] = endpoint.Peer!;
    }
}
