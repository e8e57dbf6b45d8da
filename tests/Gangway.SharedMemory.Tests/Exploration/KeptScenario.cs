// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A loop whose handlers reply and leave the news to the loop; another thread, which takes the loop from whichever handler it
/// finds; and callers of one process that wait asleep, or suspended, with a reactor that sleeps.
/// </summary>
internal sealed class KeptScenario : ConnectionScenario
{
    // Design:
    //
    // What SharedMemoryLink.Replying, Endpoint.RunInline, Reactor.Watch and Reactor.RunLoop do is done here line by line. The
    // loop's own state is a field of the scenario: who may touch it is TakeoverScenario's subject. All requests are there from
    // the start. A handler that stays returns when all calls have their replies: so no reply may wait for its return. The loop is taken
    // once, so on the second thread no handler stays.

    private const int None = -1;

    private readonly ReplyWaiting[] _calls;
    private readonly int _stays;
    private readonly KeptFlaw _flaw;
    private readonly LoopWord<ExplorerMemory> _word = new();
    private readonly KeptReplies<ExplorerMemory>[] _kept = [new(), new()];
    private readonly FakeSocket[] _wakes;
    private readonly Snapshot _snapshot;

    private int _next;
    private ulong _keptByLoop;
    private int _events;
    private int _replies;

    /// <param name="calls">How the caller of each request waits: one in each slot.</param>
    /// <param name="stays">The request whose handler stays behind its reply; -1 when none does.</param>
    /// <param name="flaw">What is done wrongly.</param>
    internal KeptScenario(ReplyWaiting[] calls, int stays, KeptFlaw flaw = KeptFlaw.None)
    {
        _calls = calls;
        _stays = stays;
        _flaw = flaw;
        _wakes = [.. calls.Select(static (_, slot) => new FakeSocket($"caller {slot}", ServerProcess))];
        _snapshot = new Snapshot(Labels, ("loop", _word), ("kept by thread 0", _kept[0]), ("kept by thread 1", _kept[1]));
        for (int slot = 0; slot < calls.Length; slot++)
        {
            int mine = slot;
            if (calls[slot] == ReplyWaiting.Parked)
                Thread($"caller {slot}", ClientProcess, () => Sleep(mine));
        }

        if (calls.Contains(ReplyWaiting.Announce))
            Thread("client's reactor", ClientProcess, React);
        Thread("loop", ServerProcess, () => RunLoop(0));
        Thread("taker", ServerProcess, Take);
    }

    private bool IsOver => _replies == _calls.Length;

    internal override void Check() => Require(IsOver, "each call has its reply");

    protected override void Begin()
    {
        _snapshot.Restore();
        foreach (FakeSocket wake in _wakes)
            wake.Reset();
        _next = _events = _replies = 0;
        _keptByLoop = 0;
    }

    /// <summary>A caller that goes to sleep, perhaps when its reply is there already.</summary>
    private void Sleep(int slot)
    {
        if (Client.Replies.TryWait(slot, 0, ReplyWaiting.Parked))
            _wakes[slot].Wait();
        Require(Client.Replies.HasReply(slot, 0), "who is woken finds its reply");
        _replies++;
    }

    /// <summary>Suspends its callers, then takes their replies as it is told of them.</summary>
    private void React()
    {
        ulong left = 0;
        for (int slot = 0; slot < _calls.Length; slot++)
        {
            if (_calls[slot] != ReplyWaiting.Announce)
                continue;
            if (Client.Replies.TryWait(slot, 0, ReplyWaiting.Announce))
                left |= 1UL << slot;
            else
                _replies++;
        }

        while (left != 0)
        {
            ulong told = Client.LaneReader.Take() & left;
            if (told == 0)
            {
                Client.Sleeper.Announce();
                if (!Client.LaneReader.HasSignals(Order.SleepRecheck))
                    ClientSocket.Wait();
                Client.Sleeper.Wake();
                continue;
            }

            for (int slot = 0; slot < _calls.Length; slot++)
            {
                if ((told >> slot & 1) == 0 || !Client.Replies.HasReply(slot, 0))
                    continue;
                left &= ~(1UL << slot);
                _replies++;
            }
        }
    }

    /// <summary>The monitor, and the thread to which it gives the loop.</summary>
    private void Take()
    {
        while (_next != None)
        {
            int events = _events;
            ulong seen = _word.Value;
            if (LoopWord<ExplorerMemory>.IsInHandler(seen) && _word.TryTakeFromOther(seen))
            {
                _word.Begin();
                if (_flaw != KeptFlaw.TakesWithoutLook)
                    _keptByLoop |= _kept[0].Slots;
                AnnounceKept();
                RunLoop(1);
                return;
            }

            Explorer.Park(() => _events != events || _next == None, "monitor waits");
        }
    }

    /// <summary>One poll.</summary>
    private void RunLoop(int self)
    {
        while (_next < _calls.Length)
        {
            int slot = _next++;
            ulong entered = _word.Enter();
            _events++;
            Reply(self, slot, entered);
            if (slot == _stays && self == 0)
            {
                // The kernel's step makes the word visible: from here on the monitor can see it.
                Explorer.Park(static () => true, "the handler is in the middle");
                _events++;
                Explorer.Park(() => IsOver, "the handler stays");
            }

            ulong kept = _kept[self].Slots;
            if (!_word.TryLeave(entered))
            {
                // Its thread is used again, so what it kept must not be left to somebody who may look later.
                if (_flaw != KeptFlaw.LeavesWhatItKept)
                    Announce(kept);
                _kept[self].Forget();
                return;
            }

            _keptByLoop |= kept;
            _kept[self].Forget();
        }

        _next = None;
        if (_flaw != KeptFlaw.SleepsWithoutTelling)
            AnnounceKept();
    }

    private void Reply(int self, int slot, ulong entered)
    {
        ulong bit = 1UL << slot;
        Server.ReplyWriter.Write(slot, []);
        bool hasLoop = _flaw != KeptFlaw.LooksBeforeKeep || _word.Value == entered;
        Server.ReplyWriter.Show(slot, 1, 0);
        _kept[self].Keep(bit);
        if (_flaw is not (KeptFlaw.LooksBeforeKeep or KeptFlaw.KeepsWithoutLook))
            hasLoop = _word.Value == entered;
        if (!hasLoop || Server.ReplyWriter.HowNow(slot) == ReplyWaiting.Parked)
            Announce(bit);
    }

    private void AnnounceKept()
    {
        ulong slots = _keptByLoop;
        _keptByLoop = 0;
        Announce(slots);
    }

    private void Announce(ulong slots)
    {
        if (slots == 0)
            return;
        ulong announced = Server.ReplyWriter.Look(slots, out ulong parked);
        for (int slot = 0; slot < _calls.Length; slot++)
        {
            if ((parked >> slot & 1) != 0)
                _wakes[slot].Send();
        }

        if (announced == 0)
            return;
        Server.LaneWriter.Signal(announced);
        RingIfAsleep(Server, ClientSocket);
    }
}
