// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

// What the threads do.
internal sealed partial class WatchScenario
{
    private void SignalAll()
    {
        for (int i = 0; i < _setup.Signals; i++)
            Link();
    }

    /// <summary><c>EventPort.Link</c>: a node, and the places of those who watch.</summary>
    private void Link()
    {
        int node = ++_linked;
        ulong first = _inbox.First;
        do
            ExplorerMemory.Write(ref _next[node], first, Order.PortLink);
        while (!_inbox.TryPut((ulong)node, ref first));
        WakeWatches();
    }

    private void WakeWatches()
    {
        for (int i = 0; i < _listed.Length; i++)
        {
            Step("wakes a place");
            _listed[i] = true;
        }
    }

    private void BecomeReady()
    {
        for (int i = 0; i < _setup.Events; i++)
        {
            Explorer.Park(() => !_isEventReady, "the descriptor becomes ready");
            Tell(ref _isEventReady);
        }
    }

    /// <summary><c>Reactor.WakeUp</c>.</summary>
    private void Ask()
    {
        Step("asks");
        _isAskedFor = true;
        ExplorerMemory.Write(ref _loop[Asked], 1, Order.SlotState);
        ExplorerMemory.Fence(Order.SlotState);
        if (ExplorerMemory.Read(in _loop[Awake], Order.SlotState) != 0)
            return;
        Step("rings the loop");
        Tell(ref _isLoopRung);
    }

    /// <summary>A set's waiter, which takes all that it is told of.</summary>
    private void Watch(int self, bool once)
    {
        do
        {
            _isAsleep[self] = true;
            Explorer.Park(() => IsAwaited(self) || IsQuiet, "sleeps in the set");
            _isAsleep[self] = false;
            if (_told[self] && IsReadable)
            {
                _told[self] = false;
                LookForWatchers();
            }
            else if (!_listed[self])
            {
                // So that the others see it, too.
                _isAsleep[self] = true;
                return;
            }

            Step("takes its place out of the list");
            if (!_listed[self])
                continue;
            _listed[self] = false;
            if (!_inbox.HasPackets)
                continue;
            while (TryWait(looks: true))
            {
            }
        }
        while (!once);
    }

    /// <summary><c>EventPort.TryWait</c>, or a wait that finds packets at once and so does not look.</summary>
    private bool TryWait(bool looks)
    {
        if (!TryTakeOrMark(BatonMarks.Taker))
            return false;
        Visit(looks && LookAtKernel());
        bool hasTaken = Deliver();
        bool leavesWork = !TryRest();
        if (HandBatonBack(leavesWork) && _flaw != WatchFlaw.RingsForNobody)
            Ring();
        return hasTaken;
    }

    /// <summary><c>EventPort.LookForWatchers</c> and <c>LookAndHandBack</c>.</summary>
    private void LookForWatchers()
    {
        for (int left = _setup.Watchers; TryTakeOrMark(BatonMarks.Watcher); left--)
        {
            Visit(LookAtKernel());
            if (!HandBatonBack(leavesWork: !TryRest()) || _flaw == WatchFlaw.LooksOnce)
                return;
            if (left <= 0 || _flaw == WatchFlaw.RingsForLookers)
            {
                _lookersRang = true;
                Ring();
                return;
            }
        }
    }

    private bool TryTakeOrMark(BatonMarks mark)
    {
        bool hasTaken = _flaw == WatchFlaw.LeavesNoMark ? _baton.TryTake() : _baton.TryTakeOrMark(mark);
        if (hasTaken)
            Require(++_holders == 1, "one at a time holds the baton");
        return hasTaken;
    }

    /// <returns>Whether the loop is rung.</returns>
    private bool LookAtKernel()
    {
        Step("looks at the kernel");
        _isBellRung = false;
        bool isReady = _isEventReady;
        _isEventReady = false;
        bool isRung = _isLoopRung;
        if (isReady)
            Link();
        return isRung;
    }

    /// <summary><c>Reactor.Visit</c>: a turn, if there may be something.</summary>
    private void Visit(bool isRung)
    {
        if (!_setup.Asks || (!isRung && ExplorerMemory.Read(in _loop[Asked], Order.SlotState) == 0))
            return;
        ExplorerMemory.Write(ref _loop[Awake], 1, Order.SlotState);
        Step("drains the loop's bell");
        _isLoopRung = false;
        if (ExplorerMemory.Read(in _loop[Asked], Order.SlotState) == 0)
            return;
        ExplorerMemory.Write(ref _loop[Asked], 0, Order.SlotState);
        ExplorerMemory.Fence(Order.SlotState);
        Step("does what was asked");
        _isAskedFor = false;
    }

    /// <summary><c>EventPort.Deliver</c>, to one place.</summary>
    private bool Deliver()
    {
        if (!_inbox.HasPackets)
            return false;
        for (ulong number = _inbox.Take(); number != 0; number = ExplorerMemory.Read(in _next[(int)number], Order.PortTake))
            _queue.Enqueue((int)number);
        bool hasTaken = _queue.TryDequeue(out _);
        _taken += hasTaken ? 1 : 0;
        _inbox.NoteQueues(_queue.Count == 0);
        return hasTaken;
    }

    /// <summary><c>Reactor.TryRest</c>.</summary>
    private bool TryRest()
    {
        if (!_setup.Asks || _flaw == WatchFlaw.RestsNot)
            return true;
        if (ExplorerMemory.Read(in _loop[Asked], Order.SlotState) != 0)
            return false;
        ExplorerMemory.Write(ref _loop[Awake], 0, Order.SlotState);
        if (_flaw != WatchFlaw.RestsWithoutFence)
            ExplorerMemory.Fence(Order.SlotState);
        bool rests = _flaw == WatchFlaw.RestsWithoutLook || ExplorerMemory.Read(in _loop[Asked], Order.SlotState) == 0;
        if (!rests)
            ExplorerMemory.Write(ref _loop[Awake], 1, Order.SlotState);
        return rests;
    }

    /// <summary><c>EventPort.HandBatonBack</c>.</summary>
    private bool HandBatonBack(bool leavesWork)
    {
        _holders--;
        BatonMarks marks = _baton.Release();
        if ((marks & BatonMarks.Taker) != 0 && _flaw != WatchFlaw.TellsNoTaker && _inbox.HasPackets)
            WakeWatches();
        if (leavesWork && _flaw != WatchFlaw.HandsNothingOver)
            Ring();
        return !leavesWork && (marks & BatonMarks.Watcher) != 0;
    }

    private void Ring()
    {
        Step("rings the port's bell");
        Tell(ref _isBellRung);
    }
}
