// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A loop at home: a poller that visits it, and leaves or stays; two clients that ask something of it and mostly wait; two
/// threads that stand in; and the monitor, where the poller's handler is slow.
/// </summary>
internal sealed partial class HomeScenario : Scenario
{
    // Design:
    //
    // What Reactor.Home.cs, Reactor.RunLoop, TryTurn, Sleep and WakeUp, and EventPort's poller do is done here line by line,
    // over the real LoopHome and LoopWord; queue, list of standbys and the kernel are a step each. A poller that stays ends when
    // it has had the loop once more after the clients were over: what it called has come home.

    private const int Nobody = -1;
    private const int Poller = 2;
    private const int StandIns = 2;
    private const int Awake = 0;
    private const int Requests = 1;
    private const int Turns = 2;

    private readonly HomeClient _kind;
    private readonly int _pollerTurns;
    private readonly bool _isSlow;
    private readonly HomeFlaw _flaw;
    private readonly LoopHome<ExplorerMemory> _home = new();
    private readonly LoopWord<ExplorerMemory> _word = new();
    private readonly PinnedWords _state = new(3);
    private readonly bool[] _assigned = new bool[StandIns];
    private readonly bool[] _done = new bool[2];
    private readonly Stack<int> _idle = new();
    private readonly Queue<int> _queue = new();
    private readonly Snapshot _snapshot;

    private int _owner;
    private ulong _turns;
    private int _over;
    private bool _isPollerOver;
    private bool _isServed;
    private bool _isAway;
    private bool _isRung;
    private bool _isBellRung;
    private bool _isWakeUpSet;
    private bool _isPortWoken;
    private bool _isInHandler;
    private bool _isTaken;
    private bool _isStopping;
    private bool _isStopped;

    /// <param name="kind">What the second client wants; the first one asks for something and waits.</param>
    /// <param name="pollerTurns">After how many turns nobody polls any more; -1: the poller stays.</param>
    /// <param name="isSlow">Whether a handler of the poller lasts until it has lost the loop.</param>
    /// <param name="flaw">What is done wrongly.</param>
    internal HomeScenario(HomeClient kind, int pollerTurns, bool isSlow, HomeFlaw flaw = HomeFlaw.None)
    {
        (_kind, _pollerTurns, _isSlow, _flaw) = (kind, pollerTurns, isSlow, flaw);
        _snapshot = new Snapshot(Labels, ("home", _home), ("loop", _word));
        Labels.Add(ExplorerMemory.Address(in _state[0]), 3 * sizeof(ulong), static offset => (offset / sizeof(ulong)) switch
        {
            Awake => "awake",
            Requests => "requests",
            _ => "turns",
        });
        Thread("client0", 0, () => Ask(0));
        Thread("client1", 0, () => Ask(1));
        Thread("poller", 0, Poll);
        for (int i = 0; i < StandIns; i++)
        {
            int thread = i;
            Thread($"standin{i}", 0, () => RunStandIn(thread));
        }

        if (isSlow)
            Thread("monitor", 0, Watch);
    }

    private bool IsOver => (_over == 2 && _isPollerOver) || _isStopped;

    internal override void Reset()
    {
        _snapshot.Restore();
        _state.Clear();
        _state[Awake] = 1;
        _assigned.AsSpan().Clear();
        _done.AsSpan().Clear();
        _idle.Clear();
        _queue.Clear();
        for (int i = 0; i < StandIns; i++)
            _idle.Push(i);
        _owner = Nobody;
        _turns = 0;
        _over = 0;
        _isPollerOver = _isServed = _isAway = _isRung = _isBellRung = _isWakeUpSet = _isPortWoken = false;
        _isInHandler = _isTaken = _isStopping = _isStopped = false;
    }

    internal override void Check()
    {
        if (_kind == HomeClient.Stops)
            Require(_isStopped, "the loop stops");
        else
            Require(_done[0] && (_done[1] || _pollerTurns >= 0), "what was asked for is done");
    }

    private void Ask(int self)
    {
        bool needs = self == 0 || _kind != HomeClient.Posts;
        bool holds = needs && _flaw != HomeFlaw.NeedIsNotHeld;
        if (needs)
            BeginNeed();
        if (needs && !holds)
            EndNeed();
        if (self == 1 && _kind == HomeClient.Bell)
        {
            Explorer.Park(static () => true, "the peer rings");
            _isBellRung = true;
        }
        else
        {
            Explorer.Park(static () => true, "queue");
            _queue.Enqueue(self);
            WakeUp();
        }

        // Who only asks is served by a poller that stays.
        if (needs || _pollerTurns < 0)
            Explorer.Park(() => _isStopped || (_done[self] && (self == 0 || _kind != HomeClient.Stops)), "the client waits");
        if (holds && !(self == 1 && _kind == HomeClient.Stops))
            EndNeed();
        Explorer.Park(static () => true, "is over");

        // A last packet wakes a poller that sleeps: it may call what went away meanwhile.
        if (++_over == 2)
            _isPortWoken = true;
    }

    private void BeginNeed()
    {
        if (!_home.BeginNeed())
            return;
        _isAway = true;
        if (_flaw != HomeFlaw.NeedGivesNobody)
            StandIn();
    }

    private void EndNeed()
    {
        if (_home.EndNeed() && _flaw != HomeFlaw.NeedEndsSilently)
            WakeUp();
    }

    private void WakeUp()
    {
        ExplorerMemory.Write(ref _state[Requests], 1, Order.SlotState);
        ExplorerMemory.Fence(Order.SlotState);
        if (ExplorerMemory.Read(in _state[Awake], Order.SlotState) != 0)
            return;
        Explorer.Park(static () => true, "wake up");
        _isWakeUpSet = true;
    }

    private void StandIn()
    {
        Explorer.Park(() => _idle.Count != 0, "a thread stands in");
        _assigned[_idle.Pop()] = true;
    }

    /// <summary>The port's poller: turns, rests and sleeps.</summary>
    private void Poll()
    {
        for (int turn = 0; turn != _pollerTurns; turn++)
        {
            Explorer.Park(static () => true, "poll");
            if (_isServed || _isStopping || _isStopped)
                break;
            _isRung |= _isWakeUpSet || _isBellRung || _isPortWoken;
            bool isHot = _home.IsAtHome && ExplorerMemory.Read(in _state[Requests], Order.SlotState) != 0;
            if (isHot || _isRung)
                Visit();
            if (!isHot && !_isServed && turn + 1 != _pollerTurns)
                SleepAtPort();
        }

        Explorer.Park(static () => true, "nobody polls");
        _isPollerOver = true;
    }

    private void SleepAtPort()
    {
        if (!TryRest())
            return;
        _isRung = true;

        // The port's epoll contains the loop's; while a thread stands in, that one takes what is there.
        Explorer.Park(
            () => _isPortWoken || _isStopping || _isStopped || (!_isAway && (_isWakeUpSet || _isBellRung)), "poller sleeps");
        _isPortWoken = false;
    }

    /// <summary>The monitor: a handler that it sees loses the loop.</summary>
    private void Watch()
    {
        Explorer.Park(() => _isInHandler || IsOver, "monitor waits");
        ulong seen = _word.Value;
        if (!LoopWord<ExplorerMemory>.IsInHandler(seen) || !_word.TryTake(seen))
            return;
        _isAway = true;
        if (_flaw != HomeFlaw.TakesSilently)
            _home.NoteTaken();
        StandIn();
        _isTaken = true;
    }
}
