// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>Server or client dies in the middle of awaited calls, of which many are in flight, cancelled or out of time.</summary>
[Rule("SH-01")]
[Rule("SH-08")]
[Rule("CA-06")]
[Trait("Soak", "yes")]
public sealed class AwaitedKillTests(ITestOutputHelper output)
{
    private const int FirstLane = 1;

    // More than there are slots: some are refused.
    private const int Lanes = 72;
    private const int InstructionsMax = 5_000;

    [NeedsFact(Need.Gcc | Need.Root)]
    public void Calls_ServerKilledAtAnInstruction_EndHonestly()
    {
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        using var room = new JournalRoom();
        var ends = new SortedDictionary<Status, int>();
        int count = TestLevel.Pick(2, 10, 2_000);
        for (int i = 0; i < count; i++)
        {
            Clear(room);
            using ChildProcess server = room.StartServer();
            server.ReadLineStarting("ready");
            using Endpoint lonely = Patient.Connect(room.Address);
            using Endpoint shared = Patient.Connect(room.Address);
            AwaitingLane[] lanes = [.. Enumerable.Range(FirstLane, Lanes).Select(lane => new AwaitingLane(room.Journal, lane, seed.Value + i))];
            Task[] running = [.. lanes.Select((lane, number) => Task.Run(() => lane.RunAsync(number < 4 ? lonely : shared)))];
            int before = random.Next(20_000);
            Watchdog.Until(() => lanes.Sum(static lane => lane.Answered) >= before && lanes[0].Answered > 0, "the calls before the kill");

            string place = Killer.AtInstruction(server.Id, "gangway " + room.Address, Instructions.Pick(random, InstructionsMax));
            server.WaitForExit();
            foreach (Task lane in running)
            {
                Watchdog.Run(lane.Wait, $"the lanes' calls, after {place}");
            }

            string[] complaints = [.. lanes.Select(static lane => lane.Judge()).OfType<string>()];
            Assert.True(complaints.Length == 0, $"Killed at {place}:\n{string.Join('\n', complaints)}");
            Add(ends, lanes);
        }

        output.WriteLine($"{count} servers killed: {string.Join(", ", ends.Select(static entry => $"{entry.Value} x {entry.Key}"))}");
        Assert.True(ends.ContainsKey(Status.Cancelled) && ends.ContainsKey(Status.DeadlineExceeded), "No call was cancelled, or none out of time.");
    }

    [NeedsFact(Need.Gcc | Need.Root)]
    public void Server_ClientKilledAmongAwaitedCalls_GoesOn()
    {
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        using var room = new JournalRoom();
        var handler = new JournalHandler(room.Journal);
        using Listener listener = Domain.Listen(room.Address, handler);
        int count = TestLevel.Pick(2, 8, 2_000);
        ProcessAccounting? before = null;
        for (int i = 0; i < count; i++)
        {
            Clear(room);
            string place = StartAndKill(room, random, seed.Value + i);
            Watchdog.Until(() => listener.Statistics is { Handshaking: 0, Connected: 0 }, $"the end of the killed, at {place}");
            for (int lane = FirstLane; lane < FirstLane + Lanes; lane++)
            {
                long answered = room.Journal[lane, JournalWord.Answered], executed = room.Journal[lane, JournalWord.Executed];
                Assert.True(
                    executed >= answered && answered > 0 && room.Journal[lane, JournalWord.CallRepeats] == 0,
                    $"Killed at {place}: lane {lane}: {answered} answered, {executed} executed; {Lane.Faults(room.Journal, lane)}");
            }

            Assert.Equal((0L, 0L), (room.Journal[0, JournalWord.Torn], listener.Statistics.PeerFaults));
            if (before is null)
            {
                before = ProcessAccounting.Take(); // What a first client loads is there now.
            }

            before.AssertNothingLeft();
        }
    }

    [Fact]
    public void Calls_OfAnotherProcess_EndAsTheJournalSays()
    {
        Seed seed = Seed.Take(output);
        using var room = new JournalRoom();
        var handler = new JournalHandler(room.Journal);
        using Listener listener = Domain.Listen(room.Address, handler);
        using ChildProcess client = PeerProgram.Start(
            "await", room.Address, room.JournalPath, Text(FirstLane), Text(Lanes), Text(seed.Value));
        client.ReadLineStarting("connected");
        long calls = TestLevel.Pick(5_000, 50_000, 10_000_000);
        Watchdog.Until(() => AllExecuted(room) > calls, "the calls");
        client.CloseInput();
        Assert.Equal("good", client.ReadLine());
        Assert.Equal(0, client.WaitForExit());
        Assert.Equal((0L, 0L), (room.Journal[0, JournalWord.Torn], listener.Statistics.PeerFaults));
        for (int lane = FirstLane; lane < FirstLane + Lanes; lane++)
        {
            Assert.Equal(0, room.Journal[lane, JournalWord.CallRepeats]);
        }
    }

    private static string StartAndKill(JournalRoom room, Random random, int seed)
    {
        using ChildProcess client = PeerProgram.Start(
            "await", room.Address, room.JournalPath, Text(FirstLane), Text(Lanes), Text(seed));
        client.ReadLineStarting("connected");
        string place = Killer.AtInstruction(client.Id, "gangway-clients", Instructions.Pick(random, InstructionsMax));
        client.WaitForExit();
        return place;
    }

    private static long AllExecuted(JournalRoom room) =>
        Enumerable.Range(FirstLane, Lanes).Sum(lane => room.Journal[lane, JournalWord.Executed]);

    private static void Clear(JournalRoom room)
    {
        for (int lane = 0; lane < FirstLane + Lanes; lane++)
        {
            room.Journal.Clear(lane);
        }
    }

    private static void Add(SortedDictionary<Status, int> ends, AwaitingLane[] lanes)
    {
        foreach ((Status status, int count) in lanes.SelectMany(static lane => lane.Ends))
        {
            ends[status] = ends.GetValueOrDefault(status) + count;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
