// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Endpoints that connect again by themselves: the automaton, its epochs, and what of one connection is seen in the next.</summary>
public abstract class ReconnectTests(Transport transport, ITestOutputHelper output)
{
    private static EndpointOptions Reconnecting { get; } = new()
    {
        Reconnect = new ReconnectOptions { FirstDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(20) },
    };

    [Fact]
    [Rule("LC-01")]
    [Rule("LC-02")]
    public void Open_ServedLater_AppearsAndConnectsAgainAndAgain()
    {
        string address = transport.NextAddress();
        var seen = new ConcurrentQueue<string>();
        using var endpoint = new Endpoint(address, Log(seen), Reconnecting);
        endpoint.Open();
        Assert.Throws<InvalidOperationException>(endpoint.Open);
        Assert.Throws<InvalidOperationException>(endpoint.Connect);
        Watchdog.Until(() => endpoint.ConnectFailure is { Error: ConnectError.NotFound }, "the first failure");
        Assert.Equal(EndpointState.Created, endpoint.State);

        for (int life = 1; life <= 3; life++)
        {
            Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
            Watchdog.Run(() => endpoint.WaitForConnectAsync().AsTask().Wait());
            Assert.Null(endpoint.ConnectFailure);
            Assert.True(Watchdog.Run(() => endpoint.Call(1, [], [])).IsOk);
            Watchdog.Run(listener.Dispose);
            int callbacks = life * 4;
            Watchdog.Until(() => seen.Count == callbacks, $"the callbacks of life {life}");
        }

        Watchdog.Run(endpoint.Dispose);
        string[] one = ["appear", "connect", "disconnect ListenerClosed", "disappear"];
        Assert.Equal([.. one, .. one, .. one], seen);
        Assert.Equal(EndpointState.Destroyed, endpoint.State);
    }

    [Fact]
    [Rule("LC-03")]
    public void End_OfOneConnection_IsFollowedByTheNextAtBothEnds()
    {
        var client = new ConcurrentQueue<string>();
        var server = new ConcurrentQueue<string>();
        using Pair pair = transport.Pair(Log(server, withId: true), Log(client, withId: true), Reconnecting);
        for (ulong epoch = 1; epoch <= 5; epoch++)
        {
            ulong last = epoch;
            Watchdog.Until(() => pair.Client is { State: EndpointState.Connected } c && c.Epoch >= last, "the next connection");
            Watchdog.Until(() => pair.Listener.Endpoints.Any(e => e.Epoch == pair.Client.Epoch), "its other end");
            _ = pair.Server.DisposeAsync().AsTask();
            Watchdog.Until(() => pair.Client.Epoch > last || pair.Client.State != EndpointState.Connected, "the end");
        }

        Watchdog.Until(() => pair.Client.State == EndpointState.Connected, "the last connection");
        Watchdog.Run(pair.Client.Dispose);
        Watchdog.Until(() => server.Count(static line => line.StartsWith("disappear")) == client.Count(static line => line.StartsWith("connect")), "the server's last callback");

        // What the two logs have in common: the same connections, one after the other.
        string[] Cycles(IEnumerable<string> log) => [.. log.Where(static line => line.StartsWith("connect") || line.StartsWith("disconnect"))];
        Assert.Equal(Cycles(client), Cycles(server));
        Assert.Equal("appear", client.First());
        Assert.Single(client, static line => line == "appear");
        Assert.Equal(1, client.Count(static line => line == "disappear"));
    }

    // LC-05: the next connection, at each end, waits for that end's callback, and nobody else does.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Rule("LC-05")]
    public void OnDisconnect_ThatTakesLong_KeepsTheTwoApartAndNobodyElse(bool atTheServer)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Endpoint? held = null;
        async Task HoldAsync(Endpoint endpoint)
        {
            if (Interlocked.CompareExchange(ref held, endpoint, null) is null)
                await goOn.Task;
        }

        using Pair pair = transport.Pair(
            new ScriptedHandler { Transaction = ScriptedHandler.Echo, DisconnectAsync = atTheServer ? HoldAsync : null },
            new ScriptedHandler { DisconnectAsync = atTheServer ? null : HoldAsync },
            Reconnecting,
            new ListenerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        _ = pair.Server.DisposeAsync().AsTask();
        Watchdog.Until(() => held is not null, "OnDisconnect");

        // Others come and go.
        for (int i = 0; i < 3; i++)
        {
            using Endpoint other = Watchdog.Run(() => Domain.Connect(pair.Listener.Address.Text));
            Assert.True(Watchdog.Run(() => other.Call(1, [], [])).IsOk);
        }

        if (atTheServer)
        {
            Watchdog.Until(() => pair.Client.ConnectFailure is { Error: ConnectError.TimedOut }, "the refusal");
            Assert.Contains("OnDisconnect", pair.Client.ConnectFailure!.Message, StringComparison.Ordinal);
        }
        else
        {
            Thread.Sleep(100);
            Assert.Equal(EndpointState.Disconnecting, pair.Client.State);
        }

        Assert.NotEqual(EndpointState.Connected, pair.Client.State);
        Assert.Equal(Status.NotConnected, pair.Client.TrySend(1, []));
        goOn.SetResult();
        Watchdog.Run(() => pair.Client.WaitForConnectAsync().AsTask().Wait());
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
    }

    [Fact]
    [Rule("LC-05")]
    public void OnDisconnect_ThatNeverEnds_KeepsItsOwnPairApartOnly()
    {
        var never = new TaskCompletionSource();
        string address = transport.NextAddress();
        var listener = Domain.Listen(address, new ScriptedHandler
        {
            Transaction = ScriptedHandler.Echo,
            DisconnectAsync = endpoint => endpoint.Epoch == 1 && endpoint.Strand is not null ? never.Task : Task.CompletedTask,
        }, new ListenerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        var stuck = new Endpoint(address, null, Reconnecting);
        Watchdog.Run(stuck.Connect);
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        _ = listener.Endpoints.Single().DisposeAsync().AsTask();
        Watchdog.Until(() => stuck.ConnectFailure is not null, "the refusal");
        Watchdog.Run(() => Domain.Connect(address).Dispose());
        Watchdog.Run(stuck.Dispose);
        never.SetResult();
        Watchdog.Run(listener.Dispose);
    }

    // Both slots and generations begin anew with each connection, so an answer that is late by one connection fits exactly.
    [Fact]
    [Rule("LC-04")]
    public void Answer_ToARequestOfTheConnectionBefore_IsNobodys()
    {
        var kept = new BlockingCollection<Transaction>();
        using Pair pair = transport.Pair(
            ScriptedHandler.Echo(), new ScriptedHandler { Transaction = (_, transaction) => kept.Add(transaction) }, Reconnecting);
        Task<CallResult> first = pair.Server.CallAsync(1, [], new byte[1]).AsTask();
        Transaction old = Watchdog.Run(kept.Take);
        ulong epoch = pair.Client.Epoch;
        _ = pair.Server.DisposeAsync().AsTask();
        Assert.Equal(Status.OutcomeUnknown, Watchdog.Run(() => first.Result).Status);
        Watchdog.Until(() => pair.Client is { State: EndpointState.Connected } c && c.Epoch > epoch, "the next connection");
        Watchdog.Until(() => pair.Listener.Endpoints.Any(e => e.Epoch == pair.Client.Epoch), "its other end");

        byte[] reply = new byte[1];
        Task<CallResult> second = pair.Server.CallAsync(1, [], reply).AsTask();
        Transaction young = Watchdog.Run(kept.Take);
        _ = old.TryComplete(Status.Ok, [1]);
        Assert.False(second.IsCompleted);
        Assert.True(young.TryComplete(Status.Ok, [2]));
        Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => second.Result));
        Assert.Equal(2, reply[0]);
    }

    [Fact]
    [Rule("LC-02")]
    [Rule("LC-03")]
    [Rule("LC-04")]
    [Rule("LC-05")]
    public void RandomEnds_FromBothSides_KeepEveryPromise()
    {
        Random random = Seed.Take(output).Random();
        int clients = 4, ends = TestLevel.Pick(20, 150, 20_000);
        string address = transport.NextAddress();
        int wrong = 0;
        var server = new ScriptedHandler
        {
            // An answer and a message of each connection name it.
            Transaction = (endpoint, transaction) =>
            {
                endpoint.TrySend(1, BitConverter.GetBytes(endpoint.Epoch));
                transaction.Complete(BitConverter.GetBytes(endpoint.Epoch));
            },
            DisconnectAsync = _ => Random.Shared.Next(4) == 0 ? Task.Delay(1) : Task.CompletedTask,
        };
        var client = new ScriptedHandler
        {
            Message = (endpoint, message) =>
            {
                if (BitConverter.ToUInt64(message.Payload) != endpoint.Epoch)
                    Interlocked.Increment(ref wrong);
            },
            DisconnectAsync = _ => Random.Shared.Next(4) == 0 ? Task.Delay(1) : Task.CompletedTask,
        };

        Listener listener = Domain.Listen(address, server, new ListenerOptions { FaultPenalty = TimeSpan.Zero });
        Endpoint[] endpoints = [.. Enumerable.Range(0, clients).Select(_ => new Endpoint(address, client, Reconnecting))];
        foreach (Endpoint endpoint in endpoints)
            endpoint.Open();
        bool isOver = false;
        long answered = 0, unanswered = 0;
        Task[] callers = [.. endpoints.Select(endpoint => Task.Factory.StartNew(() =>
        {
            byte[] reply = new byte[8];
            while (!Volatile.Read(ref isOver))
            {
                ulong before = endpoint.Epoch;
                CallResult result = endpoint.Call(1, [], reply, Deadline.After(TimeSpan.FromSeconds(20)));
                if (result.IsOk && (BitConverter.ToUInt64(reply) < before || BitConverter.ToUInt64(reply) > endpoint.Epoch))
                    Interlocked.Increment(ref wrong);
                if (result.IsOk)
                    Interlocked.Increment(ref answered);
                else if (result.Status is Status.NotConnected or Status.NotSent or Status.OutcomeUnknown)
                    Interlocked.Increment(ref unanswered);
                else
                    Interlocked.Increment(ref wrong);
                if (!result.IsOk)
                    Thread.Sleep(1);
            }
        }, TaskCreationOptions.LongRunning))];

        for (int i = 0; i < ends; i++)
        {
            Thread.Sleep(random.Next(4));
            if (random.Next(40) == 0)
            {
                Watchdog.Run(listener.Dispose);
                listener = Domain.Listen(address, server, new ListenerOptions { FaultPenalty = TimeSpan.Zero });
            }
            else if (listener.Endpoints.ToArray() is { Length: > 0 } accepted)
            {
                _ = accepted[random.Next(accepted.Length)].DisposeAsync().AsTask();
            }
        }

        foreach (Endpoint endpoint in endpoints)
            Watchdog.Run(() => endpoint.WaitForConnectAsync().AsTask().Wait());
        Volatile.Write(ref isOver, true);
        Watchdog.Run(() => Task.WaitAll(callers));
        ulong[] epochs = [.. endpoints.Select(static endpoint => endpoint.Epoch)];
        Watchdog.Run(() => Array.ForEach(endpoints, static endpoint => endpoint.Dispose()));
        Watchdog.Run(listener.Dispose);
        output.WriteLine($"epochs {string.Join(", ", epochs)}; {answered} answered, {unanswered} not");
        Assert.Equal(0, wrong);
        Assert.All(epochs, static epoch => Assert.True(epoch > 1));
        Assert.True(answered > 0);
        Assert.Equal(0, AutomatonChecker.UnpairedAt(address));
    }

    [Fact]
    public void Changes_OfALife_AreAllSeenByEachReader()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), null, Reconnecting);
        Task<List<EndpointChange>> all = ReadAsync(pair.Client);
        Guid first = pair.Client.PairId;
        Assert.NotEqual(Guid.Empty, first);
        CancellationToken disconnected = pair.Client.Disconnected;
        Assert.False(disconnected.IsCancellationRequested);
        Assert.Equal(disconnected, pair.Client.Disconnected);
        _ = pair.Server.DisposeAsync().AsTask();
        Watchdog.Until(() => disconnected.IsCancellationRequested, "the token of the first connection");
        Watchdog.Until(() => pair.Client is { State: EndpointState.Connected, Epoch: > 1 }, "the second connection");
        Watchdog.Run(pair.Client.Dispose);
        Assert.True(pair.Client.Disconnected.IsCancellationRequested);
        List<EndpointChange> changes = Watchdog.Run(() => all.Result);

        // Attempts in between that were refused are steps, too.
        Assert.Equal(new EndpointChange(EndpointState.Connected, first, 1, DisconnectReason.None), changes[0]);
        Assert.Equal(new EndpointChange(EndpointState.Disconnecting, first, 1, DisconnectReason.Closed), changes[1]);
        Assert.Equal(
            [EndpointState.Appeared, EndpointState.Connecting, EndpointState.Connected, EndpointState.Disconnecting, EndpointState.Disappeared, EndpointState.Destroyed],
            changes.Skip(2).Where(change => change.State != EndpointState.Appeared || change.Epoch == 1)
                .Where(change => change.State != EndpointState.Connecting || change.Epoch == changes[^1].Epoch).Select(static change => change.State));
        Assert.True(changes.Zip(changes.Skip(1)).All(static two => AutomatonChecker.MayFollow(two.First.State, two.Second.State)));
        Assert.Throws<ObjectDisposedException>(() => pair.Client.WaitForConnectAsync().AsTask().GetAwaiter().GetResult());

        static async Task<List<EndpointChange>> ReadAsync(Endpoint endpoint)
        {
            List<EndpointChange> read = [];
            await foreach (EndpointChange change in endpoint.ChangesAsync())
                read.Add(change);
            return read;
        }
    }

    [Fact]
    public void WaitForConnect_Cancelled_EndsTheWaitOnly()
    {
        using var endpoint = new Endpoint(transport.NextAddress(), null, Reconnecting);
        endpoint.Open();
        using var cancel = new CancellationTokenSource();
        Task waiting = endpoint.WaitForConnectAsync(cancel.Token).AsTask();
        cancel.Cancel();
        Assert.Throws<TaskCanceledException>(() => Watchdog.Run(() => waiting.GetAwaiter().GetResult()));
        Task disposed = endpoint.WaitForConnectAsync().AsTask();
        Watchdog.Run(endpoint.Dispose);
        Assert.Throws<ObjectDisposedException>(() => Watchdog.Run(() => disposed.GetAwaiter().GetResult()));
    }

    [Fact]
    public void Callbacks_ThatThrow_DoNotStopTheAutomaton()
    {
        var handler = new ScriptedHandler
        {
            Appear = static _ => throw new InvalidOperationException("appear"),
            Connect = static _ => throw new InvalidOperationException("connect"),
            DisconnectAsync = static async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("disconnect");
            },
            Disappear = static _ => throw new InvalidOperationException("disappear"),
        };
        using Pair pair = transport.Pair(handler, handler, Reconnecting);
        _ = pair.Server.DisposeAsync().AsTask();
        Watchdog.Until(() => pair.Client is { State: EndpointState.Connected, Epoch: > 1 }, "the second connection");
    }

    [Fact]
    [Rule("LC-06")]
    public void Dispose_AtAnyStepOfTheAutomaton_LeavesNothing()
    {
        Random random = Seed.Take(output).Random();
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using (var first = new Endpoint(address, null, Reconnecting))
        {
            Watchdog.Run(first.Connect);
        }

        Watchdog.Until(() => listener.Statistics is { Connected: 0, Handshaking: 0 }, "the first connection's end");
        ProcessAccounting before = ProcessAccounting.Take();
        int rounds = TestLevel.Pick(20, 200, 100_000);
        for (int round = 0; round < rounds; round++)
        {
            var endpoint = new Endpoint(random.Next(4) == 0 ? transport.NextAddress() : address, null, Reconnecting);
            endpoint.Open();
            if (random.Next(2) == 0)
                _ = listener.Endpoints.FirstOrDefault()?.DisposeAsync().AsTask();
            Thread.SpinWait(random.Next(50_000));
            Watchdog.Run(endpoint.Dispose, $"Dispose of round {round}");
            Assert.Equal(EndpointState.Destroyed, endpoint.State);
        }

        Watchdog.Until(() => listener.Statistics is { Connected: 0, Handshaking: 0 }, "the last connection's end");
        before.AssertNothingLeft();
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.Throws<InvalidOperationException>(() => new Endpoint(transport.NextAddress()).Open());
        ReconnectOptions[] wrong =
        [
            new() { FirstDelay = TimeSpan.Zero },
            new() { FirstDelay = TimeSpan.FromSeconds(6) },
            new() { MaxDelay = TimeSpan.FromHours(2) },
            new() { DisappearAfter = TimeSpan.FromTicks(-1) },
            new() { DisappearAfter = TimeSpan.MaxValue },
        ];
        foreach (ReconnectOptions reconnect in wrong)
            Assert.Throws<ArgumentException>(() => new Endpoint(transport.NextAddress(), null, new EndpointOptions { Reconnect = reconnect }));
    }

    private static ScriptedHandler Log(ConcurrentQueue<string> seen, bool withId = false) => new()
    {
        Transaction = ScriptedHandler.Echo,
        Appear = _ => seen.Enqueue("appear"),
        Connect = endpoint => seen.Enqueue(withId ? $"connect {endpoint.PairId} {endpoint.Epoch}" : "connect"),
        Disconnect = (endpoint, reason) => seen.Enqueue(withId ? $"disconnect {endpoint.PairId} {endpoint.Epoch}" : $"disconnect {reason}"),
        Disappear = _ => seen.Enqueue("disappear"),
    };

    public sealed class OverSharedMemory(ITestOutputHelper output) : ReconnectTests(Transport.SharedMemory, output);

    public sealed class InsideAProcess(ITestOutputHelper output) : ReconnectTests(Transport.InProcess, output);
}
