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
    /// <summary>How many messages a ring is for, at least, where nobody else wants the processors.</summary>
    private const int Far = 10;

    private const int RoundsLeast = 3;
    private const int RoundsMost = 500;

    [Rule("SH-02")]
    [Fact]
    public void Messages_Streamed_RingFarLessOftenThanTheyAreSent()
    {
        // On a machine that does nothing else it is one in thousands; beside others both sides lose their processors, and so
        // sleep, often. What rings for each message does so in every round, so one quiet round is proof.
        int each = TestLevel.Pick(50_000, 200_000, 10_000_000), messages = 0;
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Patient.Connect(room.Address);
        var lane = new JournalLane(room.Journal, 1);
        for (bool ours = false, theirs = false; messages < RoundsLeast * each || !(ours && theirs); messages += each)
        {
            Assert.True(messages < RoundsMost * each, $"no quiet round: ours {ours}, the server's {theirs}");
            EndpointStatistics before = endpoint.Statistics;
            long serverBefore = Counters(server)[0];
            Watchdog.Run(() =>
            {
                for (int i = 0; i < each; i++)
                {
                    Assert.Equal(Status.Ok, lane.Post(endpoint));
                }

                Assert.Equal(Status.Ok, lane.Call(endpoint)); // Behind all messages.
            }, 10 * Watchdog.Bound);

            long rings = endpoint.Statistics.Rings - before.Rings, serverRings = Counters(server)[0] - serverBefore;
            output.WriteLine($"{each} messages: {rings} rings, {endpoint.Statistics.Parks - before.Parks} parks; the server {serverRings} rings");
            ours |= rings * Far < each;
            theirs |= serverRings * Far < each;
        }

        Assert.Equal(messages, room.Journal[1, JournalWord.Delivered]);
        Assert.Equal(messages, endpoint.Statistics.MessagesSent);
    }

    // While a handler keeps its thread, the reactor goes on with another, which may sleep: it is rung once for each sleep, and
    // not for each message.
    [Rule("SH-02")]
    [Fact]
    public void Messages_ToAReactorThatIsInAHandler_RingOnceForASleep()
    {
        const int gate = 1, burst = 60; // Within credit and ring, so that none is refused.
        int rounds = TestLevel.Pick(100, 1_000, 1_000_000), quiet = 0;
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Patient.Connect(room.Address);
        var lane = new JournalLane(room.Journal, 2);
        byte[] payload = new byte[Endpoint.PayloadBytesMax];
        long rings = 0;
        for (int round = 1; round <= rounds; round++)
        {
            Assert.Equal(Status.Ok, endpoint.Send(JournalOperation.StayAwake, payload.AsSpan(0, JournalRecord.Write(payload, gate, round))));
            Assert.True(SpinWait.SpinUntil(() => room.Journal[gate, JournalWord.Delivered] == round, Watchdog.Bound));
            long before = endpoint.Statistics.Rings;
            for (int i = 0; i < burst; i++)
            {
                Assert.Equal(Status.Ok, endpoint.Send(PeerOperation.Note, payload.AsSpan(0, sizeof(long))));
            }

            rings += endpoint.Statistics.Rings - before;
            quiet += (endpoint.Statistics.Rings - before) * Far < burst ? 1 : 0;
            room.Journal[gate, JournalWord.Posted] = round;
            Assert.Equal(Status.Ok, lane.Call(endpoint)); // Gives all credit back.
        }

        output.WriteLine($"{rounds * burst} messages: {rings} rings; {endpoint.Statistics.Rings} for everything else; {quiet} quiet bursts");

        // As above: beside others the thread that goes on loses its processor, and sleeps, several times in a burst.
        Assert.True(quiet > 0, $"{rings} rings for {rounds * burst} messages, and no quiet burst");
        Assert.Equal(rounds * (burst + 1), endpoint.Statistics.MessagesSent);
    }

    [Rule("SH-02")]
    [Fact]
    public void Calls_FromOneThread_WakeItOnlyWhenItParked()
    {
        int calls = TestLevel.Pick(50_000, 200_000, 100_000_000);
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        using Endpoint endpoint = Patient.Connect(room.Address);
        var lane = new JournalLane(room.Journal, 1);
        Watchdog.Run(() =>
        {
            for (int i = 0; i < calls; i++)
            {
                Assert.Equal(Status.Ok, lane.Call(endpoint));
            }
        }, 10 * Watchdog.Bound);

        EndpointStatistics client = endpoint.Statistics;
        long wakes = Counters(server)[1];
        output.WriteLine($"{calls} calls: {client.Rings} rings, {client.Parks} parks; the server {wakes} wakes");
        Assert.Equal(calls, room.Journal[1, JournalWord.Executed]);

        // A replier that looks late may find the caller parked for its next reply already: one needless wake for a park.
        Assert.True(wakes <= 2 * client.Parks, $"the server woke its caller {wakes} times, who parked {client.Parks} times");
    }

    private static long[] Counters(ChildProcess server)
    {
        server.WriteLine("counters");
        return [.. server.ReadLineStarting("counters ").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
    }
}
