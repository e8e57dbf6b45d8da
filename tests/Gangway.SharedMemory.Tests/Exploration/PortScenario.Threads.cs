// SPDX-License-Identifier: MIT

using System.Numerics;
using Word = Gangway.SourceWord<Gangway.SharedMemory.Tests.ExplorerMemory>;

namespace Gangway.SharedMemory.Tests;

// What the threads do.
internal sealed partial class PortScenario
{
    private void SignalAll(int signaller)
    {
        int source = _sourceOf[signaller];
        for (int i = 1; i <= _each; i++)
        {
            ExplorerMemory.Write(ref _about[signaller], (ulong)i, Order.SlotState);
            if (!Word.TrySignal(ref _words[source], 1u << signaller, 1, mayLink: true, out bool mustLink))
            {
                _refused++;
                continue;
            }

            if (mustLink)
                Link(source);
        }
    }

    /// <summary><c>EventPort.Link</c>.</summary>
    private void Link(int source)
    {
        Require(!_isLinked[source], "a node is linked twice");
        _isLinked[source] = true;
        bool mustWake = _flaw == PortFlaw.LooksBeforeLink && _inbox.MustWake;
        ulong first = _inbox.First;
        do
            ExplorerMemory.Write(ref _next[source + 1], first, Order.PortLink);
        while (!_inbox.TryPut((ulong)source + 1, ref first));

        // What TryPut leaves there is what stood at the head before.
        mustWake |= _flaw switch
        {
            PortFlaw.LinksWithoutLook or PortFlaw.LooksBeforeLink => false,
            PortFlaw.FirstLooks => first == 0 && _inbox.MustWake,
            _ => _inbox.MustWake,
        };
        if (!mustWake)
            return;
        Explorer.Park(static () => true, "wakes the poller");
        _isWoken = true;
    }

    private void Act()
    {
        switch (_action)
        {
            case PortAction.MasksAndUnmasks:
                Mask();
                Unmask();
                break;
            case PortAction.Masks:
                Mask();
                break;
            case PortAction.Closes or PortAction.ClosesBesidePoll:
                Close();
                break;
            case PortAction.Polls:
                TakeDirectly(0);
                break;
            case PortAction.Acknowledges:
                Acknowledge();
                break;
        }
    }

    private void Mask()
    {
        if (_flaw == PortFlaw.MaskDrops)
            Change(static word => (word | Word.Masked) & (Word.Linked | Word.Masked));
        else
            Require(Word.TryMask(ref _words[0]), "it is not closed");
    }

    private void Unmask()
    {
        Require(Word.TryUnmask(ref _words[0], keepsHeld: true, out bool mustLink), "it is not closed");
        if (!mustLink)
            return;
        if (_flaw == PortFlaw.UnmaskDoesNotLink)
            Change(static word => word & ~Word.Linked);
        else
            Link(0);
    }

    /// <summary><c>EventPort.Unbind</c>.</summary>
    private void Close()
    {
        ulong held = _flaw == PortFlaw.CloseLeavesPending
            ? Change(static word => word | Word.Closed)
            : Word.Close(ref _words[0]);
        _taken[0] += Word.Count(held);
        if ((held & Word.Linked) == 0)
            _dropped++;
    }

    private void TakeDirectly(int source)
    {
        ulong value = Word.Take(ref _words[source]);
        if (Word.IsPending(value))
            Note(source, value);
    }

    /// <summary>One packet after the other, as long as any may come.</summary>
    private void Acknowledge()
    {
        int signallers = _helpers - 1;
        while (true)
        {
            Explorer.Park(() => _handedOver != _acknowledged || (_over == signallers && _taken[0] == _sourceOf.Length * _each), "waits for a packet");
            if (_handedOver == _acknowledged)
                return;
            _acknowledged++;
            Unmask();
        }
    }

    private void Poll()
    {
        Worker self = Explorer.Self();
        while (true)
        {
            if (Deliver())
                continue;
            bool isAll = false;
            if (_inbox.TryAnnounceSleep())
            {
                Explorer.Park(() => _isWoken || AreOver(self), "poller sleeps");
                isAll = !_isWoken;
                _isWoken = false;
            }

            // Nobody is there any more who could wake it: what it has not found by now is lost.
            if (isAll)
                return;
            _inbox.EndSleep();
        }
    }

    private bool AreOver(Worker self) =>
        _over + (self.Scheduler.IsDead(Mortals) && !_isMortalOver ? 1 : 0) == _helpers;

    /// <summary><c>EventPort.TakeInbox</c> and <c>Deliver</c>.</summary>
    private bool Deliver()
    {
        if (_inbox.IsEmpty)
            return false;
        if (_flaw == PortFlaw.UnlinksInInbox)
            Deliver((int)_inbox.First - 1);
        Stack<int> queue = [];
        for (ulong number = _inbox.Take(); number != 0; number = ExplorerMemory.Read(in _next[(int)number], Order.PortTake))
            queue.Push((int)number - 1);
        while (queue.TryPop(out int source))
        {
            Require(_isLinked[source], "what comes out of the inbox was linked");
            _isLinked[source] = false;
            if (_flaw != PortFlaw.UnlinksInInbox)
                Deliver(source);
        }

        return true;
    }

    private void Deliver(int source)
    {
        ref ulong word = ref _words[source];
        TriggerMode mode = _flaw == PortFlaw.MasksBehindDelivery ? TriggerMode.Edge : _mode;
        ulong value;
        bool isDue;
        if (_flaw == PortFlaw.TakesBeforeUnlink)
        {
            value = Word.Take(ref word);
            isDue = Word.IsPending(value);
            Change(static found => found & ~Word.Linked);
        }
        else
        {
            isDue = Word.TryDeliver(ref word, mode, out value);
        }

        if (!isDue)
        {
            if (_flaw is PortFlaw.LooksLateIfClosed or PortFlaw.LooksLateIfLinked)
                value = ExplorerMemory.Read(in word, Order.SourceTake);
            if (Word.IsClosed(value) && (_flaw != PortFlaw.LooksLateIfLinked || (value & Word.Linked) != 0))
                _dropped++;
            return;
        }

        if (mode == TriggerMode.Level)
        {
            // Who gets the packet takes the signals itself; the node stays linked, and is looked at once more.
            TakeDirectly(source);
            _isLinked[source] = true;
            Require((ExplorerMemory.Read(in word, Order.SourceTake) & Word.Linked) != 0, "it stays linked");
            _isLinked[source] = false;
            Deliver(source);
            return;
        }

        Note(source, value);
        if (_mode != TriggerMode.Acknowledge)
            return;
        Explorer.Park(static () => true, "hands the packet over");
        Require(_handedOver == _acknowledged, "no packet comes before the last one is acknowledged");
        _handedOver++;
        if (_flaw == PortFlaw.MasksBehindDelivery)
            Word.TryMask(ref word);
    }

    /// <summary>Signals were taken: looks at what they are about.</summary>
    private void Note(int source, ulong value)
    {
        _taken[source] += Word.Count(value);
        for (uint bits = (uint)value; bits != 0; bits &= bits - 1)
        {
            int signaller = BitOperations.TrailingZeroCount(bits);
            Require(_sourceOf[signaller] == source, "a bit is of its own source");
            ulong about = ExplorerMemory.Read(in _about[signaller], Order.SlotState);
            Require(about != 0, "what a signal is about comes before it");
            _seen[signaller] = Math.Max(_seen[signaller], about);
        }
    }

    private ulong Change(Func<ulong, ulong> change)
    {
        ulong value = ExplorerMemory.Read(in _words[0], Order.SourceMask);
        while (ExplorerMemory.CompareExchange(ref _words[0], change(value), value, Order.SourceMask) is var found && found != value)
            value = found;
        return value;
    }
}
