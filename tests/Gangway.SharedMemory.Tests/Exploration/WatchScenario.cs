// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A port that is in sets: threads that wait for a set each, threads that take one packet and go, one that signals, a
/// descriptor that becomes ready, and one that asks something of the port's loop.
/// </summary>
internal sealed partial class WatchScenario : Scenario
{
    // Design:
    //
    // What EventPort's Link, TryWait, ReleaseBaton, HandBatonBack and LookAndHandBack do is done here line by line, over the real
    // PortBaton and PortInbox; the queue is the holder's, and the kernel and the places in the lists are a step each
    // (EpollSetWakeTests has the places). A set's waiter ends when everything has come to rest: what is left then is lost.

    private const int Awake = 0;
    private const int Asked = 1;

    private readonly WatchSetup _setup;
    private readonly WatchFlaw _flaw;
    private readonly PortInbox<ExplorerMemory> _inbox = new();
    private readonly PortBaton<ExplorerMemory> _baton = new();
    private readonly PinnedWords _next;
    private readonly PinnedWords _loop = new(2);
    private readonly Snapshot _snapshot;
    private readonly bool[] _told;
    private readonly bool[] _listed;
    private readonly bool[] _isAsleep;
    private readonly int _helpers;

    private readonly Queue<int> _queue = new();
    private int _holders;
    private int _linked;
    private int _taken;
    private int _over;
    private bool _lookersRang;
    private bool _isEventReady;
    private bool _isBellRung;
    private bool _isLoopRung;
    private bool _isAskedFor;

    internal WatchScenario(WatchSetup setup, WatchFlaw flaw = WatchFlaw.None)
    {
        (_setup, _flaw) = (setup, flaw);
        _told = new bool[setup.Watchers];
        _listed = new bool[setup.Watchers];
        _isAsleep = new bool[setup.Watchers];
        _next = new PinnedWords(setup.Signals + setup.Events + 1);
        _snapshot = new Snapshot(Labels, ("inbox", _inbox), ("baton", _baton));
        Labels.Add(ExplorerMemory.Address(in _loop[0]), 2 * sizeof(ulong), static offset => offset / sizeof(ulong) == Awake ? "awake" : "asked");
        if (setup.Signals != 0)
            Help("signaller", SignalAll);
        if (setup.Events != 0)
            Help("device", BecomeReady);
        if (setup.Asks)
            Help("client", Ask);
        for (int i = 0; i < setup.Takers; i++)
            Help($"taker{i}", () => TryWait(looks: false));
        for (int i = 0; i < setup.Watchers; i++)
        {
            int watcher = i;
            if (i == setup.Watchers - 1 && setup.LastLeaves)
                Help($"watcher{i}", () => Watch(watcher, once: true));
            else
                Thread($"watcher{i}", 0, () => Watch(watcher, once: false));
        }

        _helpers = Threads.Count - setup.Watchers + (setup.LastLeaves ? 1 : 0);
    }

    internal override void Reset()
    {
        _snapshot.Restore();
        _next.Clear();
        _loop.Clear();
        _told.AsSpan().Clear();
        _listed.AsSpan().Clear();
        _isAsleep.AsSpan().Clear();
        _queue.Clear();
        _holders = _linked = _taken = _over = 0;
        _lookersRang = _isEventReady = _isBellRung = _isLoopRung = _isAskedFor = false;

        // As EpollSet.Add leaves it: the loop passes for awake, and the first one who waits is rung.
        if (!_setup.Asks)
            return;
        _loop[Awake] = 1;
        Tell(ref _isBellRung);
    }

    internal override void Check()
    {
        Require(_baton.IsFree, "the baton is free");
        Require(_inbox.IsEmpty && _queue.Count == 0 && _taken == _linked, $"{_linked} packets, {_taken} taken");
        Require(!_isEventReady, "the descriptor is found");
        Require(!_lookersRang, "who only looks wakes nobody");
        Require(!_isAskedFor, "what was asked of the loop is done");
        Require(!_inbox.HasPackets, "a port that is empty says so");
    }

    private void Help(string name, Action body) => Thread(name, 0, () =>
    {
        body();
        Step("is over");
        _over++;
    });

    private static void Step(string what) => Explorer.Park(static () => true, what);

    /// <summary>The kernel tells each epoll that the port's is in.</summary>
    private void Tell(ref bool what)
    {
        what = true;
        _told.AsSpan().Fill(true);
    }

    private bool IsReadable => _isEventReady || _isBellRung || _isLoopRung;

    private bool IsAwaited(int watcher) => _listed[watcher] || (_told[watcher] && IsReadable);

    /// <summary>Whether nothing will happen any more.</summary>
    private bool IsQuiet
    {
        get
        {
            int stay = _setup.Watchers - (_setup.LastLeaves ? 1 : 0);
            if (_over < _helpers - (_setup.LastLeaves && _isAsleep[stay] ? 1 : 0))
                return false;
            for (int i = 0; i < _setup.Watchers; i++)
            {
                if (i < stay ? !_isAsleep[i] || IsAwaited(i) : _isAsleep[i] && IsAwaited(i))
                    return false;
            }

            return true;
        }
    }
}
