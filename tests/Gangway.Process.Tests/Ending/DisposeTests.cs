// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Process.Tests.Kills;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Ending;

/// <summary>One of two processes disposes its side in the middle of calls from many threads.</summary>
[Rule("SH-01")]
public sealed class DisposeTests(ITestOutputHelper output)
{
    private const int Threads = 6;
    private const int OtherLane = Threads + 1;

    [Rule("LC-07")]
    [Fact]
    public void Endpoint_DisposedInTheMiddleOfCalls_EndsThemHonestlyAndTheServerGoesOn()
    {
        Random random = Seed.Take(output).Random();
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint other = Patient.Connect(room.Address);
        var bystander = new Lane(new JournalLane(room.Journal, OtherLane), other);
        int rounds = TestLevel.Pick(5, 30, 10_000);
        for (int round = 0; round < rounds; round++)
        {
            Lane[] lanes = Start(room, out Endpoint endpoint);
            WaitForCalls(lanes, random.Next(2_000));

            endpoint.Dispose();

            Assert.Equal(EndpointState.Destroyed, endpoint.State);
            Assert.Equal(DisconnectReason.Closed, endpoint.DisconnectReason);
            AssertHonest(room, server, lanes, Status.OutcomeUnknown, Status.NotConnected);
        }

        long calls = bystander.Answered;
        Watchdog.Until(() => bystander.Answered > calls, "the other client's calls going on");
        bystander.Stop();
        bystander.Join();
        Assert.Equal(Status.Ok, bystander.Final);
        Assert.Null(bystander.Judge(room.Journal));
    }

    [Rule("LC-07")]
    [Fact]
    public void Listener_DisposedInTheMiddleOfCalls_EndsThemHonestlyAndTheClientGoesOn()
    {
        Random random = Seed.Take(output).Random();
        using var room = new JournalRoom();
        int rounds = TestLevel.Pick(2, 8, 2_000);
        for (int round = 0; round < rounds; round++)
        {
            using ChildProcess server = room.StartServer(); // The same name again; and the same client process.
            server.ReadLineStarting("ready");
            Lane[] lanes = Start(room, out Endpoint endpoint);
            WaitForCalls(lanes, random.Next(5_000));

            server.WriteLine("dispose");
            Assert.Equal("disposed", server.ReadLine());
            using (endpoint)
            {
                AssertHonest(room, server, lanes, Status.NotSent, Status.OutcomeUnknown, Status.NotConnected);
                Assert.Equal(DisconnectReason.ListenerClosed, endpoint.DisconnectReason);
            }

            Assert.Equal(ConnectError.NotFound, Assert.Throws<GangwayException>(() => Domain.Connect(room.Address)).Error);
        }
    }

    private static Lane[] Start(JournalRoom room, out Endpoint endpoint)
    {
        Endpoint connected = endpoint = Patient.Connect(room.Address);
        return [.. Enumerable.Range(1, Threads).Select(lane =>
        {
            room.Journal.Clear(lane);
            return new Lane(new JournalLane(room.Journal, lane), connected);
        })];
    }

    private static void WaitForCalls(Lane[] lanes, int calls) =>
        Watchdog.Until(() => lanes.Sum(static lane => lane.Answered) > calls, "calls before the end");

    private static void AssertHonest(JournalRoom room, ChildProcess server, Lane[] lanes, params Status[] expected)
    {
        foreach (Lane lane in lanes)
        {
            lane.Join();
            Assert.Contains(lane.Final, expected);
            Assert.Equal(Status.NotConnected, lane.CallAgain());
        }

        // What the client wrote before it left is still handled: after that the journal is at rest.
        Watchdog.Until(() => Connected(server) <= 1, "the server's end of the connection");
        string[] complaints = [.. lanes.Select(lane => lane.Judge(room.Journal)).OfType<string>()];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
    }

    private static int Connected(ChildProcess server)
    {
        server.WriteLine("connected");
        return int.Parse(server.ReadLineStarting("connected ").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
