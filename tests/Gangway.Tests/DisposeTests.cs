// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Dispose at every awkward moment: it ends, everything ends once, and nothing stays behind.</summary>
[Rule("SH-01")]
public abstract class DisposeTests(ITestOutputHelper output, Transport transport)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(15);

    [Fact]
    public void Dispose_Twice_AndFromManyThreads_EndsOnce()
    {
        int ends = 0;
        using Pair pair = transport.Pair(
            ScriptedHandler.Echo(), new ScriptedHandler { Disconnect = (_, _) => Interlocked.Increment(ref ends) });
        Watchdog.Run(() => Parallel.For(0, 8, _ => pair.Client.Dispose()));
        Watchdog.Run(pair.Client.Dispose);
        Watchdog.Run(() => Parallel.For(0, 8, _ => pair.Listener.Dispose()));
        Watchdog.Run(pair.Listener.Dispose);
        Assert.Equal(1, ends);
        Assert.Equal(EndpointState.Destroyed, pair.Client.State);
    }

    [Fact]
    public async Task DisposeAsync_OfBothSides_Ends()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        await Watchdog.WaitAsync(pair.Client.DisposeAsync().AsTask());
        await Watchdog.WaitAsync(pair.Client.DisposeAsync().AsTask());
        await Watchdog.WaitAsync(pair.Listener.DisposeAsync().AsTask());
        Assert.Equal(EndpointState.Destroyed, pair.Client.State);
    }

    [Fact]
    public void Dispose_InsideTheClientsHandler_ReturnsAndCompletesLater()
    {
        var returned = new Gate();
        var ended = new Gate();
        using Pair pair = transport.Pair(
            new ScriptedHandler { Connect = server => server.TrySend(1, []) },
            new ScriptedHandler
            {
                Message = (client, _) =>
                {
                    client.Dispose();
                    returned.Open();
                },
                Disconnect = (client, _) =>
                {
                    client.Dispose();
                    ended.Open();
                },
            });
        returned.MustOpen("Dispose inside a handler");
        ended.MustOpen("OnDisconnect");
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the end of the client");
        Assert.Equal(DisconnectReason.Closed, pair.Client.DisconnectReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_InsideTheServersHandler_EndsTheCallOfTheClient(bool ofTheListener)
    {
        Listener? listener = null;
        var returned = new Gate();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (server, _) =>
            {
                (ofTheListener ? listener! : (IDisposable)server).Dispose();
                returned.Open();
            },
        });
        listener = pair.Listener;
        CallResult result = Watchdog.Run(() => pair.Client.Call(1, [1, 2, 3], []));
        Assert.Equal(Status.OutcomeUnknown, result.Status);
        Watchdog.Until(() => returned.IsOpen, "the handler's return");
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the end of the client");
    }

    [Fact]
    public void Dispose_InsideOnConnect_Ends()
    {
        using Pair pair = transport.Pair(new ScriptedHandler { Connect = server => server.Dispose() });
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the end of the client");
        Assert.Equal(DisconnectReason.Closed, pair.Client.DisconnectReason);
    }

    // Another thread disposes as soon as it can see that the endpoint is connected: before Connect has returned.
    [Fact]
    public void Dispose_BesideTheEndOfConnect_NeverHangs()
    {
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        int rounds = TestLevel.Pick(50, 300, 100_000);
        for (int round = 0; round < rounds; round++)
        {
            var endpoint = new Endpoint(address);
            var disposing = new Thread(() =>
            {
                while (endpoint.State is EndpointState.Created or EndpointState.Connecting)
                {
                }

                endpoint.Dispose();
            })
            { IsBackground = true, Name = "disposing" };
            disposing.Start();
            Watchdog.Run(() => ConnectUnlessDisposed(endpoint), s_bound);
            Watchdog.Run(disposing.Join, s_bound, $"Dispose of round {round}");
            Assert.Equal(EndpointState.Destroyed, endpoint.State);
        }
    }

    [Fact]
    public void Dispose_OfAConnectingEndpointInsideAHandler_DoesNotBlockTheReactor()
    {
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        var returned = new Gate();
        var connecting = new Endpoint(address);
        var thread = new Thread(() => ConnectUnlessDisposed(connecting)) { IsBackground = true, Name = "connecting" };
        using Pair pair = transport.Pair(
            new ScriptedHandler { Connect = server => server.TrySend(1, []) },
            new ScriptedHandler
            {
                Message = (_, _) =>
                {
                    thread.Start();
                    SpinWait.SpinUntil(() => connecting.State != EndpointState.Created);
                    connecting.Dispose();
                    returned.Open();
                },
            });
        Watchdog.Until(() => returned.IsOpen, s_bound, "Dispose inside a handler");
        Watchdog.Join(thread);
        Watchdog.Until(() => connecting.State == EndpointState.Destroyed, "the end");
    }

    [Fact]
    public void Dispose_AtAnyTimeOfConnect_LeavesNothing()
    {
        Random random = Seed.Take(output).Random();
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        ConnectAndDispose(address);
        Watchdog.Until(() => listener.Statistics.Connected == 0, "the first connection's end");
        ProcessAccounting before = ProcessAccounting.Take();
        int rounds = TestLevel.Pick(30, 200, 50_000);
        for (int round = 0; round < rounds; round++)
        {
            var endpoint = new Endpoint(address);
            int delay = random.Next(20_000);
            var connecting = new Thread(() => ConnectUnlessDisposed(endpoint)) { IsBackground = true, Name = "connecting" };
            connecting.Start();
            Thread.SpinWait(delay);
            Watchdog.Run(endpoint.Dispose, s_bound, $"Dispose of round {round}");
            Watchdog.Run(connecting.Join, s_bound, $"Connect of round {round}");
            Watchdog.Until(() => endpoint.State == EndpointState.Destroyed, $"the end of round {round}");
        }

        Watchdog.Until(() => listener.Statistics is { Connected: 0, Handshaking: 0 }, "the last connection's end");
        before.AssertNothingLeft();
    }

    [Fact]
    public void Reconnect_AThousandTimes_LeavesNoDescriptorAndNoMapping()
    {
        string address = transport.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        ConnectAndDispose(address);
        Watchdog.Until(() => listener.Statistics.Connected == 0, "the first connection's end");
        ProcessAccounting before = ProcessAccounting.Take();
        int rounds = TestLevel.Pick(100, 1_000, 100_000);
        int mappings = File.ReadLines("/proc/self/maps").Count();
        for (int round = 0; round < rounds; round++)
            ConnectAndDispose(address);

        Watchdog.Until(() => listener.Statistics.Connected == 0, "the last connection's end");
        before.AssertNothingLeft();
        output.WriteLine($"{mappings} mappings before, {File.ReadLines("/proc/self/maps").Count()} after");
        Assert.Equal(rounds + 1, listener.Statistics.Accepted);
        Assert.Equal(0, listener.Statistics.Refused);
    }

    [Fact]
    public void Listener_DisposedWithManyConnections_EndsThemAllAndLeavesNothing()
    {
        string address = transport.NextAddress();
        using (Domain.Listen(address, ScriptedHandler.Echo()))
            ConnectAndDispose(address);
        ProcessAccounting before = ProcessAccounting.Take();
        Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        Endpoint[] clients = [.. Enumerable.Range(0, 40).Select(_ => Watchdog.Run(() => Domain.Connect(address)))];
        foreach (Endpoint client in clients)
            Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
        Assert.Equal(40, listener.Endpoints.Count);
        Watchdog.Run(listener.Dispose);
        foreach (Endpoint client in clients)
        {
            Watchdog.Until(() => client.State == EndpointState.Destroyed, "the end of a client");
            Assert.Equal(DisconnectReason.ListenerClosed, client.DisconnectReason);
            client.Dispose();
        }

        Assert.Empty(listener.Endpoints);
        before.AssertNothingLeft();
        if (!listener.Address.IsInProcess)
            Assert.False(File.Exists(TestDirectory.PathOf(address)));
    }

    private static void ConnectUnlessDisposed(Endpoint endpoint)
    {
        try
        {
            endpoint.Connect();
        }
        catch (ObjectDisposedException)
        {
            // Dispose came first.
        }
    }

    private static void ConnectAndDispose(string address) => Watchdog.Run(() =>
    {
        using Endpoint client = Domain.Connect(address);
        Assert.True(client.Call(1, [], []).IsOk);
    });

    public sealed class OverSharedMemory(ITestOutputHelper output) : DisposeTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : DisposeTests(output, Transport.InProcess);
}
