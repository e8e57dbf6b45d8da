// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Process.Tests.Kills;
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
        using Endpoint endpoint = Patient.Connect(room.Address);
        JournalLane[] lanes = [.. Enumerable.Range(1, Threads).Select(lane => new JournalLane(room.Journal, lane))];
        int rounds = TestLevel.Pick(1, 3, 1_000);
        for (int round = 0; round < rounds; round++)
        {
            CallAll(lanes, endpoint, calls: 20, static () => Deadline.Never, Status.Ok);

            ProcessSignals.Stop(server);

            // More than there are slots: the later ones wait for a slot until their time is up.
            CallAll(lanes, endpoint, calls: (Slots / Threads) + 4, static () => Deadline.After(TimeSpan.FromMilliseconds(5)), Status.DeadlineExceeded);
            Assert.Equal(EndpointState.Connected, endpoint.State);

            ProcessSignals.Continue(server);

            // Each slot is needed several times: it must have come back, and must not hold a reply to somebody else.
            CallAll(lanes, endpoint, calls: 4 * Slots, static () => Deadline.Never, Status.Ok);
        }

        Assert.All(lanes, lane => Assert.Null(lane.Complaint));
        Assert.All(lanes, lane => Assert.Equal(0, room.Journal[lane.Lane, JournalWord.CallRepeats]));
        output.WriteLine($"calls that were executed after their time was up, or never: {lanes.Sum(lane => room.Journal[lane.Lane, JournalWord.CallGaps])} gaps");
        Assert.Equal(EndpointState.Connected, endpoint.State);
    }

    // It finds bells and hang-up together, when it goes on.
    [Rule("SH-01")]
    [Rule("SH-08")]
    [Fact]
    public void Messages_ServerStoppedWhileTheirSenderSentThemAndWasKilled_AreAllDelivered()
    {
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        int rounds = TestLevel.Pick(2, 8, 5_000);
        for (int round = 0; round < rounds; round++)
        {
            room.Journal.Clear(1);
            using ChildProcess client = PeerProgram.Start("post", room.Address, room.JournalPath, "1");
            client.ReadLineStarting("connected");
            ProcessSignals.Stop(server);

            client.WriteLine("post");
            string posted = client.ReadLineStarting("posted ").Split(' ')[1];
            client.Kill();
            ProcessSignals.Continue(server);

            Assert.NotEqual("0", posted);
            Watchdog.Until(
                () => room.Journal[1, JournalWord.Delivered].ToString(CultureInfo.InvariantCulture) == posted, $"all {posted} messages of the dead");
            Assert.True(Lane.IsClean(room.Journal, 1), Lane.Faults(room.Journal, 1));
        }
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
}
