// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A caller announces, then cancels, and leaves its slot to the late reply, which it needs before it can call again. The
/// server's reactor answers what was cancelled, and sleeps when it finds nothing; a handler may answer first.
/// </summary>
internal sealed class CancelScenario : ConnectionScenario
{
    private readonly int _callers;
    private readonly int _calls;
    private readonly int _handled;
    private readonly bool _looksWhenTaking;
    private readonly RequestQueueModel _requests = new();
    private readonly CounterModel[] _pending;
    private readonly ulong[] _cancelled = new ulong[SegmentLayout.SlotCount];
    private readonly FakeSocket _slotFree = new("slot free", ServerProcess);
    private int _posted;
    private int _taken;
    private int _answered;
    private int _callersDone;

    /// <param name="callers">How many threads call, each once; or one thread, with one slot.</param>
    /// <param name="calls">How many calls a single caller makes in its slot.</param>
    /// <param name="handled">How many requests a handler answers on a thread of its own, whenever it likes.</param>
    /// <param name="looksWhenTaking">Whether a request that is taken is asked if it was cancelled already, as it must.</param>
    internal CancelScenario(int callers, int calls, int handled, bool looksWhenTaking = true)
        : base(slotCount: callers)
    {
        (_callers, _calls, _handled, _looksWhenTaking) = (callers, calls, handled, looksWhenTaking);
        _pending = [.. Enumerable.Range(0, callers).Select(slot => new CounterModel($"pending {slot}", Labels))];
        for (int i = 0; i < callers; i++)
            Thread($"caller{i}", ClientProcess, Call);
        Thread("client's reactor", ClientProcess, ReactOfClient);
        Thread("server's reactor", ServerProcess, ReactOfServer);
        if (handled != 0)
            Thread("handler", ServerProcess, Handle);
        MayDie(ClientProcess);
    }

    private int Total => _callers * _calls;

    internal override void Check()
    {
        if (Dead != 0)
            return;
        Require(_answered == Total, "each request is answered, once");
        Require(Client.Slots.TryTake(out int slot, out _) && slot == 0, "each slot comes back");
    }

    protected override void Begin()
    {
        _requests.Reset();
        _slotFree.Reset();
        foreach (CounterModel pending in _pending)
            pending.Reset();
        Array.Clear(_cancelled);
        _posted = _taken = _answered = _callersDone = 0;
    }

    private void Call()
    {
        for (int i = 0; i < _calls; i++)
        {
            int slot;
            ulong generation;
            while (!Client.Slots.TryTake(out slot, out generation))
                _slotFree.Wait();
            _requests.Post(slot, generation);
            _posted++;
            RingIfAsleep(Client, ServerSocket);

            _cancelled[slot] = generation;
            Client.Replies.Cancel(slot);
            RingIfAsleep(Client, ServerSocket);
            Client.Slots.Abandon(slot);
            Reclaim();
        }

        if (++_callersDone == _callers)
            ClientSocket.Send();
    }

    private bool Reclaim()
    {
        bool isFreed = Client.Slots.Reclaim() != 0;
        if (isFreed)
            _slotFree.Send();
        return isFreed;
    }

    private void ReactOfClient()
    {
        while (_callersDone < _callers || Client.Slots.HasAbandoned)
        {
            if (Client.LaneReader.Take() != 0)
            {
                Reclaim();
                continue;
            }

            Client.Sleeper.Announce();
            bool mustStay = Client.LaneReader.HasSignals(Order.SleepRecheck);
            if (!mustStay && (_callersDone < _callers || Client.Slots.HasAbandoned))
                ClientSocket.Wait();
            Client.Sleeper.Wake();
        }
    }

    private void ReactOfServer()
    {
        while (_answered < Total)
        {
            if (TryTakeRequest() | TryCancelPending())
                continue;
            Server.Sleeper.Announce();
            bool mustStay = _posted != _taken || Server.Cancels.HasCancels(Order.SleepRecheck);
            if (!mustStay && _answered < Total && !ServerSocket.Wait())
                return;
            Server.Sleeper.Wake();
        }
    }

    private bool TryTakeRequest()
    {
        if (_posted == _taken)
            return false;
        _taken++;
        (int slot, ulong generation) = _requests.Take();
        Require(_pending[slot].TryChange(0, generation), "a slot has one request at a time");
        if (_looksWhenTaking && Server.Cancels.IsCancelled(slot))
            AnswerCancelled(slot);
        return true;
    }

    private bool TryCancelPending()
    {
        if (!Server.Cancels.TryTake())
            return false;
        for (int slot = 0; slot < _callers; slot++)
        {
            if (_pending[slot].Value != 0 && Server.Cancels.IsCancelled(slot))
                AnswerCancelled(slot);
        }

        return true;
    }

    private void AnswerCancelled(int slot)
    {
        ulong generation = _pending[slot].Value;
        if (generation == 0)
            return;
        Require(Dead != 0 || _cancelled[slot] >= generation, "a request that nobody cancelled is not cancelled");
        TryAnswer(slot, generation);
    }

    private void Handle()
    {
        for (int i = 0; i < _handled; i++)
        {
            ulong generation = (ulong)i + 1;
            if (_pending[0].Value == generation)
                TryAnswer(0, generation);
        }
    }

    private void TryAnswer(int slot, ulong generation)
    {
        if (!_pending[slot].TryChange(generation, 0))
            return;
        ReplyWaiting waiting = Server.ReplyWriter.Publish(slot, generation, 9, []);
        if (waiting == ReplyWaiting.Announce)
        {
            Server.LaneWriter.Signal(slot);
            RingIfAsleep(Server, ClientSocket);
        }

        if (++_answered == Total)
            ServerSocket.Send();
    }
}
