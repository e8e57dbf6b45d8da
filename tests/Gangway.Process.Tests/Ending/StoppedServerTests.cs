// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Ending;

/// <summary>A server that is stopped, and goes on later: replies that nobody waits for any more.</summary>
public sealed class StoppedServerTests(ITestOutputHelper output)
{
    private const int Threads = 4;
    private const int Slots = 64;

    [Rule("CA-03")]
    [Fact]
    public void Calls_ServerStoppedBeyondTheirDeadline_EndThenAndTheirLateRepliesAreDropped()
    {
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Domain.Connect(room.Address);
        JournalLane[] lanes = [.. Enumerable.Range(1, Threads).Select(lane => new JournalLane(room.Journal, lane))];
        int rounds = TestLevel.Pick(1, 3, 1_000);
        for (int round = 0; round < rounds; round++)
        {
            CallAll(lanes, endpoint, calls: 20, static () => Deadline.Never, Status.Ok);

            Signal(server, "STOP");
            Watchdog.Until(() => State(server) == 'T', "the server being stopped");

            // More than there are slots: the later ones wait for a slot until their time is up.
            CallAll(lanes, endpoint, calls: (Slots / Threads) + 4, static () => Deadline.After(TimeSpan.FromMilliseconds(5)), Status.DeadlineExceeded);
            Assert.Equal(EndpointState.Connected, endpoint.State);

            Signal(server, "CONT");

            // Each slot is needed several times: it must have come back, and must not hold a reply to somebody else.
            CallAll(lanes, endpoint, calls: 4 * Slots, static () => Deadline.Never, Status.Ok);
        }

        Assert.All(lanes, lane => Assert.Null(lane.Complaint));
        Assert.All(lanes, lane => Assert.Equal(0, room.Journal[lane.Lane, JournalWord.CallRepeats]));
        output.WriteLine($"calls that were executed after their time was up, or never: {lanes.Sum(lane => room.Journal[lane.Lane, JournalWord.CallGaps])} gaps");
        Assert.Equal(EndpointState.Connected, endpoint.State);
    }

    private static void CallAll(JournalLane[] lanes, Endpoint endpoint, int calls, Func<Deadline> deadline, Status expected)
    {
        Thread[] threads = [.. lanes.Select(lane => new Thread(() =>
        {
            for (int i = 0; i < calls && lane.Complaint is null; i++)
            {
                Status status = lane.Call(endpoint, deadline());
                if (status != expected)
                {
                    lane.Complain($"a call ended with {status} where {expected} was expected; {endpoint.DisconnectReason} {endpoint.DisconnectDetail}");
                }
            }
        }) { IsBackground = true, Name = $"lane {lane.Lane}" })];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => Watchdog.Join(thread));
        Assert.All(lanes, static lane => Assert.Null(lane.Complaint));
    }

    private static void Signal(ChildProcess process, string signal)
    {
        using ChildProcess kill = ChildProcess.Start("sh", "-c", $"kill -{signal} {process.Id}");
        Assert.Equal(0, kill.WaitForExit());
    }

    private static char State(ChildProcess process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
