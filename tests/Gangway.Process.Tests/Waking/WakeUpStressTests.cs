// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Process.Tests.Kills;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Waking;

/// <summary>No wake-up is lost, whatever eight threads do; and every rare path was taken.</summary>
[Trait("Soak", "yes")]
public sealed class WakeUpStressTests(ITestOutputHelper output)
{
    private const long SoakOperations = 1_000_000_000;

    [Rule("SH-01")]
    [Fact]
    public void EightThreads_CallsMessagesDeadlinesAndReconnects_LoseNoWakeUp()
    {
        Seed seed = Seed.Take(output);
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");
        long operations = TestLevel.Pick(0, 0, 1) * SoakOperations;
        using var stress = new WakeUpStress(room, seed, operations, TimeSpan.FromSeconds(TestLevel.Pick(2, 10, 60)));

        string? complaint = stress.Run();

        server.WriteLine("counters");
        long[] counters = [.. server.ReadLineStarting("counters ").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        long rings = stress.Statistics.Sum(static s => s.Rings), parks = stress.Statistics.Sum(static s => s.Parks);
        output.WriteLine($"{stress.Done} calls and messages, {stress.Late} late, {stress.Refused} refused, {stress.Reconnected} reconnects; "
            + $"our rings {rings}, parks {parks}; the server's rings {counters[0]}, wakes {counters[1]}");
        Assert.True(complaint is null, complaint);
        Assert.All(WakeUpStress.LanesWithoutDeadline, lane => Assert.True(Lane.IsClean(room.Journal, lane), Lane.Faults(room.Journal, lane)));
        Assert.All(Enumerable.Range(1, 8), lane => Assert.Equal(0, room.Journal[lane, JournalWord.CallRepeats]));

        // A stress that never took a rare path shows nothing of it.
        Assert.All(new[] { stress.Late, stress.Refused, stress.Reconnected, rings, parks, counters[0], counters[1] }, static count => Assert.NotEqual(0, count));
    }
}
