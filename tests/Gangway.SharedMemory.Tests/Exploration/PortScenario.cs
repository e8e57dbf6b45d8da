// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Sources at a port: threads that signal them, one that masks, closes, polls or acknowledges, and a poller that sleeps
/// when it finds nothing, until all the others are over.
/// </summary>
internal sealed partial class PortScenario : Scenario
{
    // Design:
    //
    // What EventPort.Link, Sleep, TakeInbox and Deliver do is done here line by line, over the real words; the backend's
    // wake-up is a flag that stays until the next sleep. Who signals writes what it is about before, into a word of its own;
    // who takes a signal reads it afterwards. Beside the words the scenario keeps the truth in fields of its own.

    private const int Mortals = 1;

    private readonly int[] _sourceOf;
    private readonly int _each;
    private readonly PortAction _action;
    private readonly PortFlaw _flaw;
    private readonly TriggerMode _mode;
    private readonly int _sources;
    private readonly PortInbox<ExplorerMemory> _inbox = new();
    private readonly PinnedWords _words;
    private readonly PinnedWords _next;
    private readonly PinnedWords _about;
    private readonly Snapshot _snapshot;

    private readonly bool[] _isLinked;
    private readonly uint[] _taken;
    private readonly ulong[] _seen;
    private int _helpers;
    private int _over;
    private bool _isMortalOver;
    private bool _isWoken;
    private int _handedOver;
    private int _acknowledged;
    private uint _refused;
    private int _dropped;

    /// <param name="sourceOf">For each thread that signals, its source: 0 or 1. The first thread may be killed.</param>
    /// <param name="each">How often each of them signals.</param>
    /// <param name="action">What one more thread does to the first source.</param>
    /// <param name="mode">How the sources are delivered.</param>
    /// <param name="flaw">What is done wrongly.</param>
    internal PortScenario(
        int[] sourceOf, int each, PortAction action, TriggerMode mode = TriggerMode.Edge, PortFlaw flaw = PortFlaw.None)
    {
        (_sourceOf, _each, _action, _mode, _flaw) = (sourceOf, each, action, mode, flaw);
        _sources = sourceOf.Max() + 1;
        _words = new PinnedWords(_sources);
        _next = new PinnedWords(_sources + 1);
        _about = new PinnedWords(sourceOf.Length);
        _isLinked = new bool[_sources];
        _taken = new uint[_sources];
        _seen = new ulong[sourceOf.Length];
        _snapshot = new Snapshot(Labels, ("inbox", _inbox));
        Name(_words, _sources, "source");
        Name(_next, _sources + 1, "next");
        Name(_about, sourceOf.Length, "about");
        for (int i = 0; i < sourceOf.Length; i++)
        {
            int signaller = i;
            Help($"signaller{i}", i == 0 ? Mortals : 0, () => SignalAll(signaller));
        }

        if (action == PortAction.ClosesBesidePoll)
            Help("looker", 0, () => TakeDirectly(0));
        if (action != PortAction.None)
            Help("other", 0, Act);
        Thread("poller", 0, Poll);
        MayDie(Mortals);
    }

    internal override void Reset()
    {
        _snapshot.Restore();
        _words.Clear();
        _next.Clear();
        _about.Clear();
        _isLinked.AsSpan().Clear();
        _taken.AsSpan().Clear();
        _seen.AsSpan().Clear();
        _over = _handedOver = _acknowledged = _dropped = 0;
        _isWoken = _isMortalOver = false;
        _refused = 0;
    }

    internal override void Check()
    {
        for (int source = 0; source < _sources; source++)
        {
            // A thread that dies between its swap and its link leaves its own source behind, and no other.
            if ((Dead >> Mortals & 1) == 0 || _sourceOf[0] != source)
                Check(source);
        }
    }

    private void Check(int source)
    {
        ulong word = _words[source];
        bool isClosed = (word & SourceWord<ExplorerMemory>.Closed) != 0;
        bool isMasked = (word & SourceWord<ExplorerMemory>.Masked) != 0;
        uint signalled = (uint)(_sourceOf.Count(of => of == source) * _each);
        uint left = SourceWord<ExplorerMemory>.Count(word);
        uint refused = source == 0 ? _refused : 0;
        Require(_taken[source] + left + refused == signalled, $"{signalled} signals: {_taken[source]} taken, {left} left");
        Require(isClosed || (word & SourceWord<ExplorerMemory>.Linked) == 0, "what is linked is delivered");
        Require(!isClosed || _dropped == 1, $"a closed node is dropped once, not {_dropped} times");
        if (isClosed || isMasked)
            return;
        Require(left == 0, "what is pending is delivered");
        for (int i = 0; i < _sourceOf.Length; i++)
            Require(_sourceOf[i] != source || _seen[i] == (ulong)_each, $"the last signal of {i} is seen");
    }

    private void Help(string name, int process, Action body)
    {
        _helpers++;
        Thread(name, process, () =>
        {
            body();
            Explorer.Park(static () => true, "is over");
            _over++;
            _isMortalOver |= process == Mortals;
        });
    }

    private void Name(PinnedWords words, int count, string name) => Labels.Add(
        ExplorerMemory.Address(in words[0]), count * sizeof(ulong), offset => $"{name} {offset / sizeof(ulong)}");
}
