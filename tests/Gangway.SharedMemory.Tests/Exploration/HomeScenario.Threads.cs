// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

// Who has the loop: Reactor.
internal sealed partial class HomeScenario
{
    private void Visit()
    {
        _isRung = false;
        if (!TryEnter())
            return;
        EnterState(Poller);
        _isServed = _over == 2;
        ExplorerMemory.Write(ref _state[Awake], 1, Order.SlotState);
        Look();
        if (!_isStopping && ExplorerMemory.Read(in _state[Requests], Order.SlotState) != 0 && !TryTurn(Poller))
            return;
        LeaveState(Poller);
        Leave();
    }

    private bool TryRest()
    {
        if (!TryEnter())
            return true;
        EnterState(Poller);
        bool rests = !_isStopping;
        if (rests)
        {
            ExplorerMemory.Write(ref _state[Awake], 0, Order.SlotState);
            if (_flaw != HomeFlaw.RestsWithoutFence)
                ExplorerMemory.Fence(Order.SlotState);
            rests = _flaw == HomeFlaw.RestsWithoutLook || ExplorerMemory.Read(in _state[Requests], Order.SlotState) == 0;
        }

        if (!rests)
            ExplorerMemory.Write(ref _state[Awake], 1, Order.SlotState);
        LeaveState(Poller);
        Leave();
        return rests;
    }

    private bool TryEnter()
    {
        bool hasEntered = _home.TryEnter(out bool hasCalled);
        if (hasCalled && _flaw != HomeFlaw.CallsSilently)
            WakeUp();
        return hasEntered;
    }

    private void Leave()
    {
        if (_home.TryLeave())
            return;
        _isAway = true;
        StandIn();
    }

    private void RunStandIn(int self)
    {
        while (true)
        {
            Explorer.Park(() => _assigned[self] || IsOver, "a thread stands by");
            if (!_assigned[self])
                return;
            _assigned[self] = false;
            RunLoop(Poller + 1 + self);
            Explorer.Park(static () => true, "standbys: return");
            _idle.Push(self);
        }
    }

    private void RunLoop(int self)
    {
        EnterState(self);
        _word.Begin();
        ExplorerMemory.Write(ref _state[Requests], 1, Order.SlotState);
        ExplorerMemory.Write(ref _state[Awake], 1, Order.SlotState);
        while (!_isStopping)
        {
            TryTurn(self);
            if (!_isStopping && (_flaw == HomeFlaw.SleepsThoughCalled || !_home.MustReturn))
                Sleep();
            if (IsOver || TryGoHome(self))
                return;
        }

        LeaveState(self);
        Explorer.Park(static () => true, "the loop stops");
        _isStopped = true;
    }

    private void Sleep()
    {
        ExplorerMemory.Write(ref _state[Awake], 0, Order.SlotState);
        ExplorerMemory.Fence(Order.SlotState);
        if (ExplorerMemory.Read(in _state[Requests], Order.SlotState) == 0)
            Explorer.Park(() => _isWakeUpSet || _isBellRung || IsOver, "who stands in sleeps");
        ExplorerMemory.Write(ref _state[Awake], 1, Order.SlotState);
        Look();
    }

    private bool TryGoHome(int self)
    {
        if (_isStopping || !_home.MustReturn)
            return false;
        LeaveState(self);
        if (!_home.TryReturn())
        {
            EnterState(self);
            return false;
        }

        _isAway = false;
        Explorer.Park(static () => true, "wake pollers");
        _isPortWoken |= _flaw != HomeFlaw.ReturnsSilently;
        return true;
    }

    private void Look()
    {
        Explorer.Park(static () => true, "look");
        _isWakeUpSet = false;
        if (_isBellRung)
            _done[1] = true;
        _isBellRung = false;
    }

    /// <summary>Does what was asked.</summary>
    /// <returns>False when the loop was lost in a handler.</returns>
    private bool TryTurn(int self)
    {
        if (ExplorerMemory.Read(in _state[Requests], Order.SlotState) == 0)
            return true;
        ExplorerMemory.Write(ref _state[Requests], 0, Order.SlotState);
        ExplorerMemory.Fence(Order.SlotState);
        while (!_isStopping)
        {
            Explorer.Park(static () => true, "dequeue");
            if (!_queue.TryDequeue(out int asked))
                break;
            if (asked == 1 && _kind == HomeClient.Stops)
                _isStopping = true;
            else if (!_isSlow || self != Poller)
                _done[asked] = true;
            else if (!TryRunHandler(asked))
                return false;
        }

        return true;
    }

    private bool TryRunHandler(int asked)
    {
        LeaveState(Poller);
        ulong entered = _word.Enter();
        Explorer.Park(static () => true, "the handler is in the middle");
        _isInHandler = true;

        // The monitor takes it once; what comes later is quick.
        if (!_isTaken)
            Explorer.Park(() => _isTaken, "the handler is slow");
        _done[asked] = true;
        if (!_word.TryLeave(entered))
            return false;
        EnterState(Poller);
        return true;
    }

    /// <summary>A thread works on the loop's state: alone, and with all that was done before.</summary>
    private void EnterState(int self)
    {
        Require(_owner == Nobody, "two threads have the loop");
        _owner = self;
        ulong turns = ExplorerMemory.Read(in _state[Turns], Order.SlotState);
        Require(turns == _turns, "a new owner sees all that the one before it did");
        ExplorerMemory.Write(ref _state[Turns], ++_turns, Order.SlotState);
    }

    private void LeaveState(int self)
    {
        Require(_owner == self, "a thread has the loop that it leaves");
        _owner = Nobody;
    }
}
