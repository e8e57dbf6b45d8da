// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Gangway.Tests;

/// <summary>A listener permits each operation by who the peer is: what is not permitted is answered, or ends the connection.</summary>
[Rule("SE-02")]
public abstract class PermitTests(Transport transport)
{
    private const uint Allowed = 1;
    private const uint Forbidden = 7;

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Request_PerOperation_IsAnsweredOrRefusedBeforeAnyHandler(Dispatch where)
    {
        var handled = new ConcurrentQueue<uint>();
        var dispatched = new ConcurrentQueue<uint>();
        var asked = new ConcurrentQueue<(PeerIdentity Peer, uint Operation)>();
        using Pair pair = transport.Pair(
            new AwaitingHandler
            {
                Where = operation =>
                {
                    dispatched.Enqueue(operation);
                    return where;
                },
                Transaction = (_, transaction) =>
                {
                    handled.Enqueue(transaction.Operation);
                    transaction.Complete([1]);
                    return ValueTask.CompletedTask;
                },
            },
            listenerOptions: new ListenerOptions
            {
                Permit = (peer, operation) =>
                {
                    asked.Enqueue((peer, operation));
                    return operation != Forbidden;
                },
            });
        byte[] reply = new byte[1];
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => pair.Client.Call(Allowed, [5], reply)));
            Assert.Equal(new CallResult(Status.NotPermitted, 0), Watchdog.Run(() => pair.Client.Call(Forbidden, [5], reply)));
            Task<CallResult> awaited = pair.Client.CallAsync(Forbidden, [], reply).AsTask();
            Assert.Equal(new CallResult(Status.NotPermitted, 0), Watchdog.Run(() => awaited.Result));
        }

        Assert.All(handled, static operation => Assert.Equal(Allowed, operation));
        Assert.All(dispatched, static operation => Assert.Equal(Allowed, operation));
        Assert.Equal((20, 20), (handled.Count, dispatched.Count));

        // Once for each arrival, the listener's own user included.
        Assert.Equal(60, asked.Count);
        Assert.All(asked, one => Assert.Equal(pair.Server.Peer, one.Peer));
        Assert.All(asked, one => Assert.Equal(pair.Client.Peer!.UserId, one.Peer.UserId));
        Assert.Equal((0L, 0L), (pair.Listener.Statistics.PeerFaults, pair.Listener.Statistics.Charged.Transactions));
    }

    [Fact]
    public void Permit_ThatChangesItsMind_IsAskedAnewEachTime()
    {
        bool isPermitted = true;
        using Pair pair = transport.Pair(
            ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { Permit = (_, _) => Volatile.Read(ref isPermitted) });
        foreach (bool next in new[] { true, false, true, false })
        {
            Volatile.Write(ref isPermitted, next);
            Status expected = next ? Status.Ok : Status.NotPermitted;
            Assert.Equal(expected, Watchdog.Run(() => pair.Client.Call(Allowed, [], [])).Status);
        }
    }

    // Its strand is held, and its user has as many transactions as it may have: it learns of neither.
    [Fact]
    public void Request_NotPermitted_IsAnsweredBesideABusyStrandAndOverALimit()
    {
        Gate entered = new(), mayGoOn = new();
        using Pair pair = transport.Pair(
            new AwaitingHandler
            {
                Where = static _ => Dispatch.Strand,
                Transaction = (_, transaction) =>
                {
                    entered.Open();
                    mayGoOn.Pass();
                    transaction.Complete([]);
                    return ValueTask.CompletedTask;
                },
            },
            listenerOptions: new ListenerOptions { Permit = static (_, operation) => operation != Forbidden, MaxTransactionsPerUser = 1 });
        Task<CallResult> held = pair.Client.CallAsync(Allowed, [], default).AsTask();
        try
        {
            entered.MustOpen("the handler");
            Assert.Equal(Status.QuotaExceeded, Watchdog.Run(() => pair.Client.Call(Allowed, [], [])).Status);
            Assert.Equal(Status.NotPermitted, Watchdog.Run(() => pair.Client.Call(Forbidden, [], [])).Status);
        }
        finally
        {
            mayGoOn.Open();
        }

        Assert.True(Watchdog.Run(() => held.Result).IsOk);
    }

    [Fact]
    public void Permit_ThatThrows_IsANoThatTheOperatorSees()
    {
        using var events = new EventLog();
        Endpoint? client = null;
        using Pair pair = transport.Pair(
            ScriptedHandler.Echo(),
            listenerOptions: new ListenerOptions
            {
                Permit = (_, operation) => operation switch
                {
                    2 => throw new InvalidDataException("permit-fails"),
                    3 => client!.Call(Allowed, [], []).IsOk, // It must not wait: the answer would come through this very thread.
                    _ => true,
                },
            });
        client = pair.Client;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(new CallResult(Status.NotPermitted, 0), Watchdog.Run(() => client.Call(2, [], [])));
            Assert.Equal(new CallResult(Status.NotPermitted, 0), Watchdog.Run(() => client.Call(3, [], [])));
            Assert.True(Watchdog.Run(() => client.Call(Allowed, [], [])).IsOk);
        }

        foreach ((string what, uint operation) in new[] { ("permit-fails", 2u), ("ListenerOptions.Permit", 3u) })
        {
            EventWrittenEventArgs found = events.MustContain("HandlerFailed", what);
            Assert.Equal((pair.Listener.Address.Text, operation), ((string)found.Payload![0]!, (uint)found.Payload[1]!));
        }

        Assert.Equal(Status.Ok, client.Send(2, []));
        Watchdog.Until(() => client.DisconnectReason == DisconnectReason.ClosedByPeerFault, "the end, as of a message that is refused");
    }

    [Theory]
    [Rule("SE-05")]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void Message_NotPermitted_EndsTheConnectionWithTheReason(Dispatch where)
    {
        using var events = new EventLog();
        using var ended = new BlockingCollection<DisconnectReason>();
        var handled = new ConcurrentQueue<uint>();
        using Pair pair = transport.Pair(
            new AwaitingHandler
            {
                Where = _ => where,
                Message = (_, message) =>
                {
                    handled.Enqueue(message.Operation);
                    return ValueTask.CompletedTask;
                },
                Disconnect = (_, reason) => ended.Add(reason),
            },
            listenerOptions: new ListenerOptions { Permit = static (_, operation) => operation != Forbidden });
        using Endpoint neighbour = Watchdog.Run(() => Domain.Connect(pair.Listener.Address.Text));
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => pair.Client.Call(Allowed, [], [])).Status);
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 2, "both connections");
        Endpoint server = pair.Listener.Endpoints.Single(static endpoint => endpoint.Statistics.RequestsReceived == 1);

        // What was sent before it is handled.
        for (int i = 0; i < 10; i++)
            Assert.Equal(Status.Ok, pair.Client.Send(Allowed, []));
        Assert.Equal(Status.Ok, pair.Client.Send(Forbidden, [1, 2, 3]));
        Assert.True(ended.TryTake(out DisconnectReason seen, Watchdog.Bound));
        Assert.Equal(DisconnectReason.PeerFault, seen);
        Watchdog.Until(() => pair.Client.DisconnectReason == DisconnectReason.ClosedByPeerFault, "the client's end");
        Watchdog.Until(() => handled.Count == 10, "what was sent before");
        Assert.All(handled, static operation => Assert.Equal(Allowed, operation));

        MustTellOperator(pair.Listener, server, events);
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => neighbour.Call(Allowed, [], [])).Status);
        Assert.Equal(Status.NotPermitted, Watchdog.Run(() => neighbour.Call(Forbidden, [], [])).Status);
    }

    [Fact]
    public void Requests_OfTheListeningSide_AreNotJudged()
    {
        int messages = 0;
        using Pair pair = transport.Pair(
            ScriptedHandler.Echo(),
            new ScriptedHandler { Transaction = ScriptedHandler.Echo, Message = (_, _) => Interlocked.Increment(ref messages) },
            listenerOptions: new ListenerOptions { Permit = static (_, _) => false });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = pair.Server;
        Assert.Equal(new CallResult(Status.Ok, 2), Watchdog.Run(() => server.Call(Forbidden, [1, 2], new byte[2])));
        Assert.Equal(Status.Ok, server.Send(Forbidden, []));
        Watchdog.Until(() => Volatile.Read(ref messages) == 1, "the message");
        Assert.Equal(Status.NotPermitted, Watchdog.Run(() => pair.Client.Call(Allowed, [], [])).Status);
    }

    private static void MustTellOperator(Listener listener, Endpoint server, EventLog events)
    {
        string detail = $"operation {Forbidden}, which user {server.Peer!.UserId} is not permitted";
        Assert.Contains(detail, server.DisconnectDetail, StringComparison.Ordinal);
        Assert.Equal(DisconnectReason.PeerFault, server.DisconnectReason);
        Assert.Equal(1, listener.Statistics.PeerFaults);
        Assert.Contains(detail, listener.Statistics.LastPeerFault, StringComparison.Ordinal);
        EventWrittenEventArgs found = events.MustContain("PeerFault", detail);
        Assert.Equal((EventLevel.Warning, listener.Address.Text), (found.Level, (string)found.Payload![0]!));
    }

    public sealed class OverSharedMemory() : PermitTests(Transport.SharedMemory)
    {
        // The loop is held in the predicate, which nobody takes over, while another client, for whom it is not awake, sends and
        // leaves: it finds the hang-up first, and the messages in what was left behind.
        [Fact]
        [Rule("SE-05")]
        public void Message_NotPermittedOfAClientThatLeftAtOnce_IsNotLostSilently()
        {
            using var events = new EventLog();
            using var ended = new BlockingCollection<DisconnectReason>();
            Gate entered = new(), mayGoOn = new();
            int handled = 0;
            using Pair pair = Pair.Make(
                new ScriptedHandler
                {
                    Message = (_, _) => Interlocked.Increment(ref handled),
                    Disconnect = (_, reason) => ended.Add(reason),
                },
                listenerOptions: new ListenerOptions
                {
                    Permit = (_, operation) =>
                    {
                        entered.Open();
                        mayGoOn.Pass();
                        return operation != Forbidden;
                    },
                });
            Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
            Endpoint server = pair.Server;
            using Endpoint neighbour = Watchdog.Run(() => Domain.Connect(pair.Listener.Address.Text));
            Watchdog.Until(() => pair.Listener.ReactorStatistics.Parks >= 2, "both connections to be asleep");
            try
            {
                Assert.Equal(Status.Ok, neighbour.TrySend(Allowed, []));
                entered.MustOpen("the predicate");
                for (int i = 0; i < 10; i++)
                    Assert.Equal(Status.Ok, pair.Client.TrySend(i == 5 ? Forbidden : Allowed, []));
                Watchdog.Run(pair.Client.Dispose);
            }
            finally
            {
                mayGoOn.Open();
            }

            Assert.True(ended.TryTake(out DisconnectReason seen, Watchdog.Bound));
            Assert.Equal(DisconnectReason.PeerFault, seen);
            MustTellOperator(pair.Listener, server, events);
            Assert.Equal(Status.Unimplemented, Watchdog.Run(() => neighbour.Call(Allowed, [], [])).Status);
            Assert.Equal(1 + 5, Volatile.Read(ref handled)); // And nothing that came behind it.
        }
    }

    public sealed class InsideAProcess() : PermitTests(Transport.InProcess);
}
