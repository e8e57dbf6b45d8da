// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Tests;

/// <summary>Somebody listens under a name and says nothing: nobody waits for him longer than he wants to.</summary>
public sealed class SilentListenerTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);

    private static EndpointOptions Patient { get; } = new()
    {
        ConnectTimeout = TimeSpan.FromMinutes(10),
        Reconnect = new ReconnectOptions(),
    };

    [Theory]
    [InlineData(false)] // The connection waits to be accepted.
    [InlineData(true)] // There is no room to wait.
    [Rule("LC-06")]
    public void Dispose_WhileAnAttemptWaits_DoesNotWaitForIt(bool isFull)
    {
        string address = TestDirectory.NextAddress();
        using Socket listening = RawSocket.Listen(address);
        List<Socket> others = [];
        while (isFull && others.Count <= 8)
            others.Add(RawSocket.Connect(address));
        ProcessAccounting before = ProcessAccounting.Take();
        var endpoint = new Endpoint(address, null, Patient);
        endpoint.Open();
        Watchdog.Until(() => Threads.Named("gangway-connect") > 0, "the attempt");
        Watchdog.Run(endpoint.Dispose, s_soon);
        Assert.Equal(EndpointState.Destroyed, endpoint.State);
        foreach (Socket other in others)
            other.Dispose();
        Watchdog.Until(() => Threads.Named("gangway-connect") == 0, "the attempt's end");
        before.AssertNothingLeft();
    }

    [Fact]
    public void Endpoint_OfAServerThatFellSilent_DisappearsInTime()
    {
        string address = TestDirectory.NextAddress();
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var endpoint = new Endpoint(
            address,
            new ScriptedHandler
            {
                Appear = _ => log.Enqueue("appear"),
                Connect = _ => log.Enqueue("connect"),
                Disconnect = (_, _) => log.Enqueue("disconnect"),
                Disappear = _ => log.Enqueue("disappear"),
            },
            new EndpointOptions
            {
                ConnectTimeout = TimeSpan.FromMilliseconds(50),
                Reconnect = new ReconnectOptions { DisappearAfter = TimeSpan.FromMilliseconds(100) },
            });
        using (Listener listener = Domain.Listen(address, ScriptedHandler.Echo()))
        {
            endpoint.Open();
            Watchdog.Run(() => endpoint.WaitForConnectAsync().AsTask().Wait());

            // What is put in the listener's place accepts nobody.
            File.Delete(TestDirectory.PathOf(address));
            using Socket silent = RawSocket.Listen(address);
            _ = listener.Endpoints.Single().DisposeAsync().AsTask();
            Watchdog.Until(() => log.Contains("disappear"), "the end of patience");
            Assert.Equal(ConnectError.TimedOut, endpoint.ConnectFailure?.Error);
        }

        Assert.Equal(["appear", "connect", "disconnect", "disappear"], log);
    }
}
