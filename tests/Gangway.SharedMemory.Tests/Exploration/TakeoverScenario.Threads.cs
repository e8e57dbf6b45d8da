// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

// The threads that run the loop or stand by: LoopThread and Reactor.
internal sealed partial class TakeoverScenario
{
    private void RunThread(int self)
    {
        do
        {
            if (NextAssignment(self) == Stop)
                return;
            RunLoop(self);
        }
        while (TryReturn(self));
    }

    private ulong NextAssignment(int self)
    {
        while (true)
        {
            uint seen = _flaw == TakeoverFlaw.LooksBeforeWord ? 0 : _wake[self].Value;
            ulong assigned = ExplorerMemory.Read(in _assigned[self], Order.SlotState);
            if (assigned != 0 && ExplorerMemory.CompareExchange(ref _assigned[self], 0, assigned, Order.SlotState) == assigned)
                return assigned;
            if (_flaw == TakeoverFlaw.LooksBeforeWord)
                seen = _wake[self].Value;
            _wake[self].Wait(seen);
        }
    }

    private bool TryReturn(int self)
    {
        if (_flaw != TakeoverFlaw.ReturnsEarly)
            PushIdle(self);
        return true;
    }

    private void PushIdle(int thread)
    {
        Explorer.Park(static () => true, "standbys: return");
        _idle.Push(thread);
    }

    private void RunLoop(int self)
    {
        _hasLoop[self] = true;
        _owner = self;
        _word.Begin();
        _events++;
        while (true)
        {
            EnterState(self);
            int next = _started;
            if (next == _handlers.Length)
            {
                StopAll(self);
                return;
            }

            _started++;
            bool mayRunInline = MayRunInline();
            if (_flaw != TakeoverFlaw.EntersEarly)
                LeaveState(self);

            // Without a standby the handler is queued: the pool runs it.
            if (mayRunInline && !TryRunHandler(self, next))
                return;
        }
    }

    private bool TryRunHandler(int self, int number)
    {
        _owner = Nobody;
        ulong entered = _word.Enter();
        _handler++;
        _events++;
        if (_flaw == TakeoverFlaw.EntersEarly)
            ExplorerMemory.Write(ref _state[Inside], 0, Order.SlotState);
        Handle(self, number, entered);
        if (_word.TryLeave(entered))
        {
            Require(_owner == Nobody, "a loop that was taken is not given back");
            _owner = self;
            _events++;
            return true;
        }

        if (_flaw == TakeoverFlaw.TouchesAfterLoss)
            EnterState(self);
        _hasLoop[self] = false;
        return false;
    }

    private void Handle(int self, int number, ulong entered)
    {
        HandlerKind kind = _handlers[number];
        if (kind == HandlerKind.Quick)
            return;
        if (kind == HandlerKind.Waits)
            BeforeWait(self, entered);
        if (_flaw == TakeoverFlaw.ReturnsEarly)
            PushIdle(self);

        // The kernel's step makes the word visible: from here on the monitor can see it.
        Explorer.Park(static () => true, "the handler is in the middle");
        _events++;
        int awaited = kind == HandlerKind.Long ? _handlers.Length : number + 2;
        Explorer.Park(() => _started >= awaited, "the handler waits");
    }

    private void BeforeWait(int self, ulong entered)
    {
        if (!_hasLoop[self])
            return;
        _hasLoop[self] = false;
        if (_flaw == TakeoverFlaw.HandsOverBeforeSwap)
            HandOver();
        if (_word.TryTake(entered) && _flaw != TakeoverFlaw.HandsOverBeforeSwap)
        {
            Require(_owner == Nobody, "a handler gives away a loop that nobody has");
            HandOver();
        }
    }

    private bool MayRunInline()
    {
        if (ExplorerMemory.Read(in _state[Standby], Order.SlotState) != 0)
            return true;
        Explorer.Park(static () => true, "standbys: reserve");
        if (_idle.TryPop(out int idle))
            ExplorerMemory.Write(ref _state[Standby], (ulong)idle + 1, Order.SlotState);
        else
            return _flaw == TakeoverFlaw.RunsWithoutStandby;
        return true;
    }

    /// <summary>The loop's thread works on the loop's state: alone, and with all that was done before.</summary>
    private void EnterState(int self)
    {
        Require(_owner == self, "a thread touches a loop that it does not have");
        Require(ExplorerMemory.Read(in _state[Inside], Order.SlotState) == 0, "two threads are inside the loop's state");
        ExplorerMemory.Write(ref _state[Inside], 1, Order.SlotState);
        ulong turns = ExplorerMemory.Read(in _state[Turns], Order.SlotState);
        Require(turns == _turns, "a new owner sees all that the one before it did");
        ExplorerMemory.Write(ref _state[Turns], ++_turns, Order.SlotState);
    }

    private void LeaveState(int self)
    {
        Require(_owner == self, "a thread touches a loop that it does not have");
        ExplorerMemory.Write(ref _state[Inside], 0, Order.SlotState);
    }

    private void StopAll(int self)
    {
        Explorer.Park(static () => true, "the loop ends");
        Require(!_isOver, "the loop ends once");
        _isOver = true;
        for (int i = 0; i < _threads; i++)
        {
            if (i != self)
                Assign(i, Stop);
        }

        _assigned[self] = Stop;
    }
}
