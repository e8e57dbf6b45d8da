// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>
/// Kills one server process after the other, always under the same name, while threads of ours call, send and connect;
/// and judges every status by the journal that outlived the server.
/// </summary>
internal sealed class ServerKills : IDisposable
{
    private const int FirstLane = 1;
    private const int LanesPerServer = 6;
    private readonly JournalRoom _room = new();
    private readonly Delays _delays = new();
    private readonly SortedDictionary<string, int> _statuses = [];
    private readonly List<string> _places = [];

    /// <summary>Where they listen.</summary>
    public string Address => _room.Address;

    /// <summary>How many servers were killed.</summary>
    public int Count { get; private set; }

    /// <summary>Starts a server, lets threads of ours use it until it is warm, has it killed, and judges.</summary>
    /// <param name="callsBefore">Calls that are answered before.</param>
    /// <param name="kill">Kills it, and says where.</param>
    public void KillOne(int callsBefore, Func<ChildProcess, string> kill)
    {
        for (int lane = 0; lane < FirstLane + LanesPerServer; lane++)
        {
            _room.Journal.Clear(lane);
        }

        using ChildProcess server = _room.StartServer();
        server.ReadLineStarting("ready");
        Task<long> hangUp = _room.Witness.HangUpOf(server.Id);
        using Endpoint lonely = Patient.Connect(_room.Address);
        using Endpoint shared = Patient.Connect(_room.Address);
        JournalLane[] journal = [.. Enumerable.Range(FirstLane, LanesPerServer).Select(lane => new JournalLane(_room.Journal, lane))];
        var storm = new ConnectStorm(_room.Address, journal[0]);
        Lane[] lanes = [new(journal[1], lonely), .. journal[2..].Select(lane => new Lane(lane, shared))];
        Watchdog.Until(() => lanes.Sum(static lane => lane.Answered) >= callsBefore && storm.Connections > 0, "the calls before the kill");

        string place = kill(server);
        server.WaitForExit();

        foreach (Lane lane in lanes)
        {
            lane.Join(); // Every call ends, with one status: the thread has it.
        }

        storm.Join();
        Judge(place, lanes, storm, hangUp.Result);
    }

    /// <summary>Says how many ended how, and how fast.</summary>
    public void Report(ITestOutputHelper output)
    {
        output.WriteLine($"{Count} servers killed: {string.Join(", ", _statuses.Select(static entry => $"{entry.Value} x {entry.Key}"))}");
        output.WriteLine(_delays.ToString());
        output.WriteLine(string.Join('\n', _places));
    }

    /// <summary>How often an outcome was seen.</summary>
    public int Seen(string outcome) => _statuses.GetValueOrDefault(outcome);

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private void Judge(string place, Lane[] lanes, ConnectStorm storm, long hangUp)
    {
        string[] complaints = [.. lanes.Select(lane => lane.Judge(_room.Journal)).OfType<string>()];
        Assert.True(complaints.Length == 0, $"Killed at {place}:\n{string.Join('\n', complaints)}");
        foreach (Lane lane in lanes)
        {
            _delays.Add(hangUp, lane.EndedAt);
            Add(lane.IsFinalCall ? $"call {lane.Final}" : $"message {lane.Final}");
            Assert.Equal(Status.NotConnected, lane.CallAgain());
        }

        Assert.Null(storm.Complaint);
        Assert.NotNull(storm.Refusal);
        Assert.Contains(_room.Address, storm.Refusal.Message, StringComparison.Ordinal);
        Assert.Contains(storm.Refusal.Error, new[] { ConnectError.NotServed, ConnectError.HandshakeFailed, ConnectError.TimedOut });
        Add($"connect {storm.Refusal.Error}");
        _places.Add(place);
        Count++;
    }

    private void Add(string outcome) => _statuses[outcome] = _statuses.GetValueOrDefault(outcome) + 1;
}
