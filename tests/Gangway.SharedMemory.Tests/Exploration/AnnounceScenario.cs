// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Callers poll once, announce and suspend; repliers publish, signal the lane and ring; the client's reactor, which
/// sleeps when it finds nothing, takes the replies of those who are suspended.
/// </summary>
/// <remarks>
/// A caller whose last look finds the reply takes it itself and uses the slot again: its bit stays behind, pending, and
/// the next reply meets it.
/// </remarks>
internal sealed class AnnounceScenario : ConnectionScenario
{
    private readonly Caller[] _callers;
    private readonly RequestQueueModel _requests = new();
    private readonly CounterModel _isEnded;
    private readonly LaneFlaw _flaw;
    private readonly int _calls;
    private int _callersDone;
    private int _answered;

    /// <param name="callers">For each calling thread its slot, and how many calls it makes there.</param>
    /// <param name="repliers">For each replying thread, how many requests it answers.</param>
    /// <param name="flaw">What the reactor or the repliers do wrong.</param>
    internal AnnounceScenario((int Slot, int Calls)[] callers, int[] repliers, LaneFlaw flaw = LaneFlaw.None)
    {
        _flaw = flaw;
        _calls = repliers.Sum();
        _isEnded = new CounterModel("is ended", Labels);
        _callers = [.. callers.Select((caller, i) => new Caller(caller.Slot, caller.Calls, new CounterModel($"awaiting {i}", Labels)))];
        for (int i = 0; i < callers.Length; i++)
        {
            Caller caller = _callers[i];
            Thread($"caller{i}", ClientProcess, () => MakeCalls(caller));
        }

        for (int i = 0; i < repliers.Length; i++)
        {
            int count = repliers[i];
            Thread($"replier{i}", ServerProcess, () => Answer(count));
        }

        Thread("reactor", ClientProcess, React);
        MayDie(ServerProcess);
    }

    internal override void Check()
    {
        foreach (Caller caller in _callers)
        {
            Require(caller.Done == caller.Calls, "each call ends, once");
            Require(Dead != 0 || caller.Ended == 0, "no call ends with the connection while that is up");
        }
    }

    protected override void Begin()
    {
        foreach (Caller caller in _callers)
            caller.Reset();
        _requests.Reset();
        _isEnded.Reset();
        _callersDone = 0;
        _answered = 0;
    }

    private void MakeCalls(Caller caller)
    {
        for (int generation = 1; generation <= caller.Calls; generation++)
        {
            _requests.Post(caller.Slot, (ulong)generation);
            if (!Call(caller, (ulong)generation))
                caller.Ended++;
            caller.Done++;
        }

        if (++_callersDone == _callers.Length)
            ClientSocket.Send();
    }

    /// <returns>False when the connection ended first.</returns>
    private bool Call(Caller caller, ulong generation)
    {
        if (Client.Replies.HasReply(caller.Slot, caller.Previous))
            return TakeReply(caller, generation);

        // From here on whoever clears the word has the slot. The reactor finds it, if it comes before us.
        caller.Awaiting.Add((int)generation);
        bool isAnnounced = Client.Replies.TryWait(caller.Slot, caller.Previous, ReplyWaiting.Announce);
        bool isEnded = _isEnded.Value != 0;
        if ((!isAnnounced || isEnded) && TryClear(caller, generation))
            return FinishCall(caller, generation);
        caller.Completion.Wait();
        return caller.IsReplied;
    }

    private bool FinishCall(Caller caller, ulong generation)
    {
        int answered = _answered;
        if (Client.Replies.HasReply(caller.Slot, caller.Previous))
            return TakeReply(caller, generation);
        Require(answered < _calls, "a reply that was published before the death is delivered");
        return false;
    }

    private bool TakeReply(Caller caller, ulong generation)
    {
        Span<byte> payload = stackalloc byte[12];
        ulong previous = caller.Previous;
        ReplyRead read = Client.Replies.TryTake(caller.Slot, generation, ref previous, payload, out int length);
        Require(read == ReplyRead.Taken, "the reply in the slot is the one that is waited for");
        bool isWhole = length == payload.Length && payload.IndexOfAnyExcept(PayloadByte((int)generation)) < 0;
        Require(isWhole, "the reply is whole");
        caller.Previous = previous;
        Client.Replies.Poll(caller.Slot);
        return true;
    }

    private static bool TryClear(Caller caller, ulong generation) => caller.Awaiting.TryChange(generation, 0);

    private void Answer(int count)
    {
        Span<byte> payload = stackalloc byte[12];
        for (int i = 0; i < count; i++)
        {
            (int slot, ulong generation) = _requests.Take();
            Fill(payload, (int)generation);
            ReplyWaiting waiting = Server.ReplyWriter.Publish(slot, generation, 0, payload);
            _answered++;
            if (waiting != ReplyWaiting.Announce)
                continue;
            if (_flaw != LaneFlaw.RingsBeforeSignal)
                Server.LaneWriter.Signal(slot);
            RingIfAsleep(Server, ClientSocket);
            if (_flaw == LaneFlaw.RingsBeforeSignal)
                Server.LaneWriter.Signal(slot);
        }
    }

    private void React()
    {
        while (_callersDone < _callers.Length)
        {
            if (Serve())
                continue;
            Client.Sleeper.Announce();
            bool mustStay = _flaw != LaneFlaw.LastLookWithoutLanes && Client.LaneReader.HasSignals(Order.SleepRecheck);
            if (!mustStay && !ClientSocket.Wait())
            {
                End();
                return;
            }

            Client.Sleeper.Wake();
        }
    }

    /// <summary>Completes those whose bits are pending.</summary>
    private bool Serve()
    {
        if (_flaw == LaneFlaw.LooksBeforeTake)
        {
            bool isAny = Client.LaneReader.HasSignals();
            if (isAny)
                Complete(ulong.MaxValue);
            Client.LaneReader.Take();
            return isAny;
        }

        ulong slots = Client.LaneReader.Take();
        Complete(slots);
        return slots != 0;
    }

    private void Complete(ulong slots)
    {
        foreach (Caller caller in _callers)
        {
            if ((slots >> caller.Slot & 1) == 0)
                continue;
            ulong generation = caller.Awaiting.Value;
            if (generation == 0 || !Client.Replies.HasReply(caller.Slot, caller.Previous) || !TryClear(caller, generation))
                continue;
            caller.IsReplied = TakeReply(caller, generation);
            caller.Completion.Send();
        }
    }

    private void End()
    {
        _isEnded.Add(1);
        foreach (Caller caller in _callers)
        {
            ulong generation = caller.Awaiting.Value;
            if (generation == 0 || !TryClear(caller, generation))
                continue;
            caller.IsReplied = FinishCall(caller, generation);
            caller.Completion.Send();
        }
    }

    private sealed class Caller(int slot, int calls, CounterModel awaiting)
    {
        internal int Slot => slot;

        internal int Calls => calls;

        /// <summary>The generation that is waited for by a suspended caller; zero when nobody is.</summary>
        internal CounterModel Awaiting => awaiting;

        internal FakeSocket Completion { get; } = new("completion", ClientProcess);

        /// <summary>Belongs to whoever has the slot.</summary>
        internal ulong Previous { get; set; }

        internal bool IsReplied { get; set; }

        internal int Done { get; set; }

        internal int Ended { get; set; }

        internal void Reset()
        {
            awaiting.Reset();
            Completion.Reset();
            Previous = 0;
            Done = Ended = 0;
            IsReplied = false;
        }
    }
}
