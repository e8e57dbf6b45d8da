// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Create, connect, disconnect, dispose: states, callbacks, and what sending gives in each.</summary>
public abstract class LifecycleTests(Transport transport)
{
    [Fact]
    [Rule("LC-01")]
    public void Endpoint_MadeForNobody_ReachesNobodyAndNeedsNothing()
    {
        ProcessAccounting before = ProcessAccounting.Take();
        for (int i = 0; i < 1000; i++)
        {
            var endpoint = new Endpoint("shm:nobody-serves-this");
            Assert.Equal(EndpointState.Created, endpoint.State);
            Assert.Null(endpoint.Peer);
            Assert.False(endpoint.IsAccepted);
            Assert.Equal(default, endpoint.Statistics);
            endpoint.Dispose();
            Assert.Equal(EndpointState.Destroyed, endpoint.State);
        }

        Assert.Equal("", before.Added(ProcessAccounting.Take()));
    }

    [Fact]
    [Rule("LC-07")]
    public void Sending_BeforeConnect_FailsWithAStatus()
    {
        using var endpoint = new Endpoint(transport.NextAddress());
        AssertNotConnected(endpoint);
    }

    [Fact]
    [Rule("LC-07")]
    public void Sending_AfterDisconnect_FailsAndNothingArrives()
    {
        int arrived = 0;
        var isGone = new Gate();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, _) => Interlocked.Increment(ref arrived),
            Transaction = (_, transaction) =>
            {
                Interlocked.Increment(ref arrived);
                transaction.Complete(Status.Ok);
            },
            Disconnect = (_, _) => isGone.Open(),
        });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Endpoint server = pair.Server;
        Watchdog.Run(pair.Client.Dispose);
        AssertNotConnected(pair.Client);
        isGone.MustOpen("the server's OnDisconnect");
        Watchdog.Until(() => server.State == EndpointState.Destroyed, "the server's endpoint");
        Assert.Equal(Status.NotConnected, server.TrySend(1, []));
        Assert.Equal(Status.NotConnected, Watchdog.Run(() => server.Send(1, [])));
        Assert.Equal(1, arrived);
    }

    [Fact]
    public void States_ThroughOneLife_AreThoseOfTheAutomaton()
    {
        var seen = new ConcurrentQueue<string>();
        var ended = new Gate();
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        var endpoint = new Endpoint(address, new ScriptedHandler
        {
            Connect = e => seen.Enqueue($"OnConnect {e.State} {e.Peer is not null}"),
            Disconnect = (e, reason) =>
            {
                seen.Enqueue($"OnDisconnect {e.State} {reason} {e.DisconnectReason}");
                ended.Open();
            },
        });
        Watchdog.Run(endpoint.Connect);
        Assert.Equal(EndpointState.Connected, endpoint.State);
        Assert.Throws<InvalidOperationException>(endpoint.Connect);
        Watchdog.Until(() => !seen.IsEmpty, "OnConnect, which comes on the strand");
        Watchdog.Run(endpoint.Dispose);
        ended.MustOpen("OnDisconnect");
        Assert.Equal(["OnConnect Connected True", "OnDisconnect Disconnecting Closed Closed"], seen);
        Assert.Equal(EndpointState.Destroyed, endpoint.State);
        Assert.Throws<ObjectDisposedException>(endpoint.Connect);
    }

    [Fact]
    public void OnConnect_OfTheServer_ComesBeforeEverythingOfThePeer()
    {
        var seen = new ConcurrentQueue<string>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Connect = e => seen.Enqueue("connect " + (e.Peer is not null && e.IsAccepted)),
            Message = (_, message) => seen.Enqueue("message " + message.Operation),
            Transaction = (_, transaction) =>
            {
                seen.Enqueue("request " + transaction.Operation);
                transaction.Complete(Status.Ok);
            },
        });
        Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
        Assert.True(Watchdog.Run(() => pair.Client.Call(2, [], [])).IsOk);
        Assert.Equal(["connect True", "message 1", "request 2"], seen);
    }

    [Theory]
    [InlineData(true, DisconnectReason.Closed)]
    [InlineData(false, DisconnectReason.ListenerClosed)]
    public void End_ByTheOtherSide_IsSeenWithItsReason(bool byEndpoint, DisconnectReason reason)
    {
        var seen = new BlockingCollection<DisconnectReason>();
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), new ScriptedHandler { Disconnect = (_, why) => seen.Add(why) });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        Watchdog.Run(byEndpoint ? pair.Server.Dispose : pair.Listener.Dispose);
        Assert.Equal(reason, Watchdog.Run(() => seen.Take()));
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Assert.Equal(reason, pair.Client.DisconnectReason);
        Assert.Null(pair.Client.DisconnectDetail);
        AssertNotConnected(pair.Client);
    }

    [Fact]
    public void Connect_AfterAFailedAttempt_CanBeTriedAgain()
    {
        string address = transport.NextAddress();
        using var endpoint = new Endpoint(address, null, new EndpointOptions { WaitStrategy = WaitStrategy.Park });
        GangwayException error = Assert.Throws<GangwayException>(() => Watchdog.Run(endpoint.Connect));
        Assert.Equal(ConnectError.NotFound, error.Error);
        Assert.Equal(address, error.Address);
        Assert.Equal(EndpointState.Created, endpoint.State);
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        Watchdog.Run(endpoint.Connect);
        Assert.True(Watchdog.Run(() => endpoint.Call(1, [], [])).IsOk);
    }

    [Fact]
    public void Endpoint_OfAListener_CannotConnectButCalls()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Endpoint server = pair.Server;
        Assert.Throws<InvalidOperationException>(server.Connect);
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => server.Call(1, [], [])).Status);
        Assert.True(server.IsAccepted);
    }

    private static void AssertNotConnected(Endpoint endpoint)
    {
        Assert.Equal(new CallResult(Status.NotConnected, 0), Watchdog.Run(() => endpoint.Call(1, [1], new byte[8])));
        Assert.Equal(Status.NotConnected, endpoint.TrySend(1, [1]));
        Assert.Equal(Status.NotConnected, Watchdog.Run(() => endpoint.Send(1, [1])));
    }

    public sealed class OverSharedMemory() : LifecycleTests(Transport.SharedMemory);

    public sealed class InsideAProcess() : LifecycleTests(Transport.InProcess);
}
