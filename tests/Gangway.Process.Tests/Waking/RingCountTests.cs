// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Waking;

/// <summary>While both processes are busy, nobody enters the kernel to wake the other.</summary>
public sealed class RingCountTests(ITestOutputHelper output)
{
    [Rule("SH-02")]
    [Fact]
    public void Messages_WhileBothAreAwake_RingAlmostNever()
    {
        int messages = TestLevel.Pick(200_000, 1_000_000, 100_000_000);
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Domain.Connect(room.Address);
        var lane = new JournalLane(room.Journal, 1);
        Watchdog.Run(() =>
        {
            for (int i = 0; i < messages; i++)
            {
                Assert.Equal(Status.Ok, lane.Post(endpoint));
            }

            Assert.Equal(Status.Ok, lane.Call(endpoint)); // Behind all messages.
        }, 10 * Watchdog.Bound);

        EndpointStatistics client = endpoint.Statistics;
        long[] counters = Counters(server);
        output.WriteLine($"{messages} messages: {client.Rings} rings, {client.Parks} parks; the server {counters[0]} rings");
        Assert.Equal(messages, room.Journal[1, JournalWord.Delivered]);
        Assert.Equal(messages, client.MessagesSent);
        Assert.True(client.Rings * 100 < messages, $"{client.Rings} rings for {messages} messages");
        Assert.True(counters[0] * 100 < messages, $"the server rang {counters[0]} times for {messages} messages");
    }

    [Rule("SH-02")]
    [Fact]
    public void Calls_WhileBothAreAwake_WakeAlmostNever()
    {
        int calls = TestLevel.Pick(50_000, 200_000, 100_000_000);
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Domain.Connect(room.Address);
        var lane = new JournalLane(room.Journal, 1);
        Watchdog.Run(() =>
        {
            for (int i = 0; i < calls; i++)
            {
                Assert.Equal(Status.Ok, lane.Call(endpoint));
            }
        }, 10 * Watchdog.Bound);

        EndpointStatistics client = endpoint.Statistics;
        long[] counters = Counters(server);
        output.WriteLine($"{calls} calls: {client.Rings} rings, {client.Parks} parks; the server {counters[1]} wakes");
        Assert.Equal(calls, room.Journal[1, JournalWord.Executed]);
        Assert.True(client.Rings * 10 < calls, $"{client.Rings} rings for {calls} calls");
        Assert.True(counters[1] * 10 < calls, $"the server woke its caller {counters[1]} times in {calls} calls");
    }

    private static long[] Counters(ChildProcess server)
    {
        server.WriteLine("counters");
        return [.. server.ReadLineStarting("counters ").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
    }
}
