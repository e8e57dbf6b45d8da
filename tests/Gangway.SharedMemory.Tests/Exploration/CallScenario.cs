// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Callers take a slot, send, poll, park, perhaps give up; a replier answers each request, early or late; the client's
/// reactor tells of the server's death and takes abandoned slots back.
/// </summary>
internal sealed class CallScenario : ConnectionScenario
{
    private readonly Caller[] _callers;
    private readonly int _calls;
    private readonly ParkingWordModel _alarm;
    private readonly ParkingWordModel _slotFree;
    private readonly CounterModel _slotWaiters;
    private readonly CounterModel _isEnded;
    private readonly RequestQueueModel _requests = new();
    private readonly bool _reclaimsBehindAbandon;
    private int _callersDone;
    private int _answered;

    /// <param name="callers">For each calling thread, how many calls it makes and whether they may time out.</param>
    /// <param name="slotCount">How many slots they share.</param>
    /// <param name="reclaimsBehindAbandon">
    /// Whether a caller that gave up looks once more for its reply when the slot is marked, or only before.
    /// </param>
    internal CallScenario((int Calls, bool MayTimeOut)[] callers, int slotCount, bool reclaimsBehindAbandon = true)
        : base(slotCount)
    {
        _reclaimsBehindAbandon = reclaimsBehindAbandon;
        _alarm = new ParkingWordModel("alarm", Futex, Labels);
        _slotFree = new ParkingWordModel("slot free", Futex, Labels);
        _slotWaiters = new CounterModel("slot waiters", Labels);
        _isEnded = new CounterModel("is ended", Labels);
        _callers = [.. callers.Select(caller => new Caller(caller.Calls, caller.MayTimeOut))];
        _calls = callers.Sum(caller => caller.Calls);
        for (int i = 0; i < callers.Length; i++)
        {
            Caller caller = _callers[i];
            Thread($"caller{i}", ClientProcess, () => MakeCalls(caller));
        }

        Thread("replier", ServerProcess, Answer);
        Thread("reactor", ClientProcess, React);
        MayDie(ServerProcess);
    }

    private enum Outcome
    {
        Replied,
        TimedOut,
        Ended,
    }

    internal override void Check()
    {
        foreach (Caller caller in _callers)
            Require(caller.Done == caller.Calls, "each call ends");
        if (Dead != 0)
            return;
        Require(_callers.Sum(caller => caller.Ended) == 0, "no call ends with the connection while that is up");
        Client.Slots.Reclaim();
        Require(Client.Slots.TryTake(out int slot, out _) && slot == 0, "each slot comes back");
    }

    protected override void Begin()
    {
        foreach (Caller caller in _callers)
            caller.Done = caller.Ended = 0;
        _alarm.Reset();
        _slotFree.Reset();
        _slotWaiters.Reset();
        _isEnded.Reset();
        _requests.Reset();
        _callersDone = 0;
        _answered = 0;
    }

    private void MakeCalls(Caller caller)
    {
        for (int i = 0; i < caller.Calls; i++)
        {
            if (Call(caller) == Outcome.Ended)
                caller.Ended++;
            caller.Done++;
        }

        if (++_callersDone == _callers.Length)
            ClientSocket.Send();
    }

    private Outcome Call(Caller caller)
    {
        if (!TryTakeSlot(out int slot, out ulong generation) && !WaitForSlot(out slot, out generation))
            return Outcome.Ended;
        _requests.Post(slot, generation);

        ref ulong previous = ref Client.Slots.Previous(slot);
        while (true)
        {
            uint alarm = _alarm.Value;
            bool isEnded = _isEnded.Value != 0;
            int answered = _answered;
            if (Client.Replies.HasReply(slot, previous))
                return TakeReply(slot, generation, ref previous);
            if (isEnded)
            {
                Require(answered < _calls, "a reply that was published before the death is delivered");
                LeaveSlot(slot);
                return Outcome.Ended;
            }

            WaitEnd end = WaitEnd.Happened;
            if (Client.Replies.TryWait(slot, previous, ReplyWaiting.Parked))
            {
                ref uint reply = ref Server.Own.Word32(ReplyHeader.SlotOffset(slot));
                end = Futex.WaitAny(ref reply, (uint)previous, ref _alarm.Word, alarm, caller.MayTimeOut);
            }

            Client.Replies.Poll(slot);
            if (end == WaitEnd.TimedOut && !Client.Replies.HasReply(slot, previous))
                return Abandon(slot, previous);
        }
    }

    private Outcome TakeReply(int slot, ulong generation, ref ulong previous)
    {
        Span<byte> payload = stackalloc byte[12];
        ReplyRead read = Client.Replies.TryTake(slot, generation, ref previous, payload, out int length);
        Require(read == ReplyRead.Taken, "the reply in the slot is the one that is waited for");
        Require(length == payload.Length, "the reply has its length");
        Require(payload.IndexOfAnyExcept(PayloadByte((int)generation)) < 0, "the reply is whole");
        LeaveSlot(slot);
        return Outcome.Replied;
    }

    private Outcome Abandon(int slot, ulong previous)
    {
        bool isPending = Client.Replies.TryWait(slot, previous, ReplyWaiting.Announce);
        Client.Slots.Abandon(slot);
        if (!isPending || _reclaimsBehindAbandon)
            Reclaim();
        return Outcome.TimedOut;
    }

    private void LeaveSlot(int slot)
    {
        Client.Slots.Release(slot);
        if (_slotWaiters.Value != 0)
            WakeSlotWaiters(1);
    }

    private bool TryTakeSlot(out int slot, out ulong generation)
    {
        if (Client.Slots.HasAbandoned)
            Reclaim();
        return Client.Slots.TryTake(out slot, out generation);
    }

    private bool Reclaim()
    {
        int freed = Client.Slots.Reclaim();
        if (freed != 0)
            WakeSlotWaiters(freed);
        return freed != 0;
    }

    private void WakeSlotWaiters(int count)
    {
        _slotFree.Bump();
        _slotFree.Wake(count);
    }

    private bool WaitForSlot(out int slot, out ulong generation)
    {
        _slotWaiters.Add(1);
        while (true)
        {
            uint seen = _slotFree.Value;
            bool isEnded = _isEnded.Value != 0;
            if (isEnded)
            {
                slot = 0;
                generation = 0;
                break;
            }

            if (TryTakeSlot(out slot, out generation))
                break;
            _slotFree.Wait(seen);
        }

        _slotWaiters.Add(-1);
        return generation != 0;
    }

    private void Answer()
    {
        Span<byte> payload = stackalloc byte[12];
        for (int i = 0; i < _calls; i++)
        {
            (int slot, ulong generation) = _requests.Take();
            Fill(payload, (int)generation);
            ReplyWaiting waiting = Server.ReplyWriter.Publish(slot, generation, 0, payload);
            _answered++;
            if (waiting == ReplyWaiting.Parked)
                Futex.Wake(ref Server.Own.Word32(ReplyHeader.SlotOffset(slot)), 1);
            else if (waiting == ReplyWaiting.Announce)
                RingIfAsleep(Server, ClientSocket);
        }
    }

    private void React()
    {
        while (_callersDone < _callers.Length)
        {
            if (_slotWaiters.Value != 0)
                Reclaim();
            Client.Sleeper.Announce();
            if ((_slotWaiters.Value == 0 || !Reclaim()) && !ClientSocket.Wait())
            {
                _isEnded.Add(1);
                _alarm.Bump();
                _alarm.Wake(int.MaxValue);
                WakeSlotWaiters(int.MaxValue);
                return;
            }

            Client.Sleeper.Wake();
        }
    }

    private sealed class Caller(int calls, bool mayTimeOut)
    {
        internal int Calls => calls;

        internal bool MayTimeOut => mayTimeOut;

        internal int Done { get; set; }

        internal int Ended { get; set; }
    }
}
