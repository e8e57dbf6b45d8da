// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>A server of ours whose clients are killed, while one client in a process of its own must not notice.</summary>
internal sealed class ClientKills : IDisposable
{
    private const int BystanderLane = 1;
    private const int BystanderLanes = 3;
    private const int BystanderConnections = 2;
    private const int FirstLane = 8;
    private const int Clients = 48;
    private readonly JournalRoom _room = new();
    private readonly JournalHandler _handler;
    private readonly Listener _listener;
    private readonly LoadClient _bystander;
    private readonly ProcessAccounting _before;
    private readonly Delays _delays = new();
    private int _started = -1;

    /// <summary>Starts to serve, lets a client come and go so that all code is loaded, and starts the bystander.</summary>
    public ClientKills()
    {
        _handler = new JournalHandler(_room.Journal);
        _listener = Domain.Listen(_room.Address, _handler);
        using (LoadClient first = StartClient())
        {
            first.Process.Kill();
        }

        _bystander = _room.StartLoad(BystanderLane, isSteady: true);
        WaitForTheKilled("warm-up");
        _before = ProcessAccounting.Take();
    }

    /// <summary>The server's socket.</summary>
    public string SocketPath => _room.SocketPath;

    /// <summary>How many clients were killed.</summary>
    public int Count { get; private set; }

    /// <summary>Messages that the server got of C clients.</summary>
    public long NotesDelivered => _handler.NotesDelivered;

    /// <summary>Starts a .NET client and waits until it calls, sends and connects.</summary>
    public LoadClient StartClient() => _room.StartLoad(FirstLane + (Interlocked.Increment(ref _started) % Clients * LoadClient.LaneCount));

    /// <summary>Waits until only the bystander is connected.</summary>
    /// <param name="places">Where clients were killed, for a failure's text.</param>
    public void WaitForTheKilled(string places) => Watchdog.Until(
        () => _listener.Statistics is { Handshaking: 0, Connected: BystanderConnections }, $"the connections of the killed ending ({places})");

    /// <summary>Some clients were killed: the server must be as it was before, and the bystander well.</summary>
    /// <param name="killed">How many.</param>
    /// <param name="places">Where, for a failure's text.</param>
    public void Settle(int killed, string places)
    {
        WaitForTheKilled(places);
        Count += killed;
        Assert.True(_handler.NotesBroken == 0, $"{_handler.NotesBroken} messages were not whole or not in order, after {places}");
        Assert.Equal(0, _listener.Statistics.PeerFaults);
        _before.AssertNothingLeft();

        Assert.False(_bystander.Process.HasExited, "The bystander ended: " + _bystander.Process.Errors);
        long[] calls = BystanderCalls();
        Watchdog.Until(() => BystanderCalls().Zip(calls).All(static pair => pair.First > pair.Second), "the bystander's calls going on");
    }

    /// <summary>Checks the lanes of a client that was killed, and notes how long after its hang-up its connections ended.</summary>
    public void Judge(LoadClient client, string place)
    {
        for (int i = 0; i < LoadClient.LaneCount; i++)
        {
            Judge(client.FirstLane + i, isAlone: i is 0 or 3, place);
        }

        long hangUp = client.HangUp.Result;
        foreach ((_, DisconnectReason reason, long at) in _handler.Ended.Where(ended => ended.Endpoint.Peer!.ProcessId == client.Process.Id))
        {
            if (reason == DisconnectReason.PeerGone)
            {
                _delays.Add(hangUp, at);
            }
        }
    }

    /// <summary>Ends the bystander, which says whether all went well for it; then nothing may be left.</summary>
    public void Finish(ITestOutputHelper output)
    {
        long calls = BystanderCalls().Sum();
        _bystander.Process.CloseInput();
        Assert.Equal("good", _bystander.Process.ReadLine());
        Assert.Equal(0, _bystander.Process.WaitForExit());
        Watchdog.Until(() => _listener.Statistics is { Handshaking: 0, Connected: 0 }, "the bystander's connections ending");
        for (int lane = BystanderLane; lane < BystanderLane + BystanderLanes; lane++)
        {
            Assert.True(Lane.IsClean(_room.Journal, lane), $"The bystander was disturbed: {Lane.Faults(_room.Journal, lane)}");
            Assert.Equal(_room.Journal[lane, JournalWord.Answered], _room.Journal[lane, JournalWord.Executed]);
            Assert.Equal(_room.Journal[lane, JournalWord.Posted], _room.Journal[lane, JournalWord.Delivered]);
        }

        _before.AssertNothingLeft();
        string reasons = string.Join(", ", _handler.Ended.CountBy(static ended => ended.Reason).Select(static entry => $"{entry.Value} x {entry.Key}"));
        output.WriteLine($"{Count} clients killed; connections ended: {reasons}; {_listener.Statistics.Abandoned} handshakes abandoned");
        output.WriteLine($"{_handler.NotesDelivered} messages of C clients; {calls} calls of the bystander; {_delays}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bystander.Dispose();
        _listener.Dispose();
        _room.Dispose();
    }

    private long[] BystanderCalls() =>
        [.. Enumerable.Range(BystanderLane, BystanderLanes).Select(lane => _room.Journal[lane, JournalWord.Answered])];

    private void Judge(int lane, bool isAlone, string place)
    {
        Journal journal = _room.Journal;
        long answered = journal[lane, JournalWord.Answered], executed = journal[lane, JournalWord.Executed];
        long posted = journal[lane, JournalWord.Posted], delivered = journal[lane, JournalWord.Delivered];

        // Alone on its connection, what Send accepted was in the ring. Beside others it may have died in their outbox.
        bool isHonest = executed - answered is 0 or 1 && delivered <= posted + 1 && (!isAlone || delivered >= posted);
        Assert.True(isHonest && Lane.IsClean(journal, lane),
            $"Killed at {place}: lane {lane}: {answered} answered, {executed} executed, {posted} posted, {delivered} delivered; {Lane.Faults(journal, lane)}");
    }
}
