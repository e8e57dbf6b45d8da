// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A loop with a few handlers, threads that stand by, and the monitor. A handler returns at once, is blocked until the
/// loop has gone on, or waits for that itself, and gives the loop away first.
/// </summary>
internal sealed partial class TakeoverScenario : Scenario
{
    // Design:
    //
    // What Reactor.Handlers.cs, Reactor.RunLoop and LoopThread do is done here line by line; the list of standbys, which
    // has a lock, is one step. The loop's state is three words in simulated memory: whether a thread is inside, a count
    // that each turn adds to, and the reserved standby. Beside them the scenario keeps the truth in fields of its own.

    private const int Nobody = -1;
    private const ulong Loop = 1;
    private const ulong Stop = 2;
    private const int Inside = 0;
    private const int Turns = 1;
    private const int Standby = 2;

    private readonly HandlerKind[] _handlers;
    private readonly TakeoverFlaw _flaw;
    private readonly bool _hasMonitor;
    private readonly int _threads;
    private readonly FakeFutex _futex = new();
    private readonly FlawedLoopWord _word;
    private readonly PinnedWords _state = new(3);
    private readonly PinnedWords _assigned;
    private readonly ParkingWordModel[] _wake;
    private readonly bool[] _hasLoop;
    private readonly Stack<int> _idle = new();
    private readonly Snapshot _snapshot;

    private int _owner;
    private ulong _turns;
    private int _started;
    private int _handler;
    private int _events;
    private bool _isOver;

    /// <param name="handlers">What the loop's handlers do, the first one first. The last one returns at once.</param>
    /// <param name="standbys">How many threads there are beside the loop's first one.</param>
    /// <param name="hasMonitor">Whether the monitor runs. Without it no handler may be blocked.</param>
    /// <param name="flaw">What is done wrongly.</param>
    internal TakeoverScenario(HandlerKind[] handlers, int standbys, bool hasMonitor, TakeoverFlaw flaw = TakeoverFlaw.None)
    {
        _handlers = handlers;
        _flaw = flaw;
        _hasMonitor = hasMonitor;
        _threads = standbys + 1;
        _word = new FlawedLoopWord(flaw);
        _assigned = new PinnedWords(_threads);
        _wake = new ParkingWordModel[_threads];
        _hasLoop = new bool[_threads];
        _snapshot = new Snapshot(Labels, ("loop", _word.Real));
        for (int i = 0; i < _threads; i++)
        {
            int thread = i;
            _wake[i] = new ParkingWordModel($"wake {i}", _futex, Labels);
            Labels.Add(ExplorerMemory.Address(in _assigned[i]), sizeof(ulong), _ => $"assigned {thread}");
            Thread($"thread{i}", 0, () => RunThread(thread));
        }

        Labels.Add(ExplorerMemory.Address(in _state[0]), 3 * sizeof(ulong), static offset => (offset / sizeof(ulong)) switch
        {
            Inside => "inside",
            Turns => "turns",
            _ => "standby",
        });
        if (hasMonitor)
            Thread("monitor", 0, Watch);
    }

    internal override void Reset()
    {
        _futex.Reset();
        _snapshot.Restore();
        _word.Reset();
        _state.Clear();
        _assigned.Clear();
        _idle.Clear();
        foreach (ParkingWordModel wake in _wake)
            wake.Reset();
        _hasLoop.AsSpan().Clear();
        for (int i = 1; i < _threads; i++)
            _idle.Push(i);
        _assigned[0] = Loop;
        _owner = 0;
        _turns = 0;
        _started = _handler = _events = 0;
        _isOver = false;
    }

    internal override void Check() => Require(_isOver && _started == _handlers.Length, "the loop comes to its end");

    /// <summary>Two ticks of the monitor at a time, as long as anything has changed: more would see the same.</summary>
    private void Watch()
    {
        ulong watched = 0;
        int watchedHandler = 0;
        while (!_isOver)
        {
            int events = _events;
            for (int tick = 0; tick < 2; tick++)
            {
                ulong seen = _word.Value;
                int handler = _handler;
                if (seen == watched && LoopWord<ExplorerMemory>.IsInHandler(seen))
                {
                    if (_flaw == TakeoverFlaw.HandsOverBeforeSwap)
                        HandOver();
                    if (_word.TryTake(seen))
                    {
                        Require(_handler == watchedHandler, "a handler is taken that was never seen");
                        Require(_owner == Nobody, "a loop is taken that nobody had given free");
                        if (_flaw != TakeoverFlaw.HandsOverBeforeSwap)
                            HandOver();
                    }
                }

                if (seen != watched)
                    watchedHandler = handler;
                watched = seen;
            }

            Explorer.Park(() => _events != events || _isOver, "monitor waits");
        }
    }

    private void HandOver()
    {
        Require(ExplorerMemory.Read(in _state[Inside], Order.SlotState) == 0, "the loop's state is in order when it is taken");
        ulong standby = ExplorerMemory.Read(in _state[Standby], Order.SlotState);
        ExplorerMemory.Write(ref _state[Standby], 0, Order.SlotState);
        if (standby == 0 && _flaw == TakeoverFlaw.RunsWithoutStandby)
            return;
        Require(standby != 0, "a loop that runs a handler has a standby");
        Assign((int)standby - 1, Loop);
    }

    private void Assign(int thread, ulong what)
    {
        bool isLate = _flaw == TakeoverFlaw.WakesBeforeAssigned && what == Loop;
        if (!isLate)
            ExplorerMemory.Write(ref _assigned[thread], what, Order.SlotState);
        _wake[thread].Bump();
        _wake[thread].Wake(1);
        if (isLate)
            ExplorerMemory.Write(ref _assigned[thread], what, Order.SlotState);
    }
}
