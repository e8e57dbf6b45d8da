// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

// The client's side: what the link does.
internal sealed partial class SendPossibleScenario
{
    private bool IsAnyBlocked => _blocked.Value != 0 || _refused.Value != 0;

    private bool TrySend(int number)
    {
        _attempts++;
        _active++;
        RecordSend sent = SendAndRing(Client, ServerSocket, number, _setup.IsCredit ? 8 : PayloadBytes);
        _active--;
        return sent != RecordSend.Refused;
    }

    private void SendOrHear(int number)
    {
        while (!TrySend(number))
            NoteRefusedAndHear(RefusedMessage);
    }

    private void TakeSlotOrHear()
    {
        while (!Client.Slots.TryTake(out _, out _))
            NoteRefusedAndHear(RefusedCall);
    }

    private void FreeSlot()
    {
        Client.Slots.Release(0);
        if (_flaw != SendPossibleFlaw.FreesSilently && (_refused.Value & RefusedCall) != 0)
            _reactor.Attend();
    }

    /// <summary>NoteRefused; then the application waits for a notice that comes behind its mark.</summary>
    private void NoteRefusedAndHear(ulong kind)
    {
        bool isFirst = _refused.Add(kind);
        int seen = _notices;
        _periods += isFirst ? 1 : 0;
        if (_flaw != SendPossibleFlaw.NoLookBehindMark)
            TryUnblock();
        else
            Client.Wish.Announce();
        Explorer.Park(() => _notices > seen, "wait for the notice");
    }

    private void TryUnblock()
    {
        ulong refused = _refused.Value;
        if (refused == 0)
            return;
        if (_flaw != SendPossibleFlaw.NoWish)
            Client.Wish.Announce();
        (int attempts, bool isQuiet) = (_attempts, _active == 0);
        ulong possible = 0;
        if ((refused & RefusedMessage) != 0 && (HasRoom(1) || _flaw == SendPossibleFlaw.PostsWithoutRoom))
            possible |= RefusedMessage;
        if ((refused & RefusedCall) != 0 && HasRoom(0) && Client.Slots.HasFree)
            possible |= RefusedCall;
        if (possible == 0 || (!_refused.TryRemove(possible) && _flaw != SendPossibleFlaw.PostsWithoutSwap))
            return;

        Explorer.Park(static () => true, "post the notice");
        _notices++;
        if ((possible & RefusedMessage) != 0 && isQuiet && attempts == _attempts)
            Require(HasRoom(1) || attempts != _attempts, "a largest message fits at the notice");
        WithdrawWish();
    }

    private void WithdrawWish()
    {
        if (_flaw != SendPossibleFlaw.WithdrawsBlindly && IsAnyBlocked)
            return;
        Client.Wish.Withdraw();
        if (_flaw == SendPossibleFlaw.WithdrawsBlindly)
            return;
        if (_flaw != SendPossibleFlaw.WithdrawsWithoutBlocked && _blocked.Value != 0)
            WakeBlocked();
        if (_flaw != SendPossibleFlaw.WithdrawsWithoutRefused && _refused.Value != 0)
            _reactor.Attend();
    }

    private void SendOrWait(int number)
    {
        while (!TrySend(number))
        {
            _blocked.Add(1);
            WaitForRoom();
            _blocked.Add(-1);
            WithdrawWish();
        }
    }

    private void WaitForRoom()
    {
        while (true)
        {
            uint seen = _room.Value;
            Client.Wish.Announce();
            if (HasRoom(1))
                return;
            _room.Wait(seen);
            if (HasRoom(1))
                return;
        }
    }

    private bool HasRoom(uint messages)
    {
        Admission room = Client.Sender.Window.Recheck(messages);
        Require(room != Admission.PeerFault, "an honest peer is not taken for a liar");
        return room == Admission.Admitted;
    }

    private void WakeBlocked()
    {
        _room.Bump();
        _room.Wake(int.MaxValue);
    }

    private void React()
    {
        bool isHot = true;
        while (true)
        {
            if (isHot)
            {
                if (IsAnyBlocked)
                    HelpBlocked();
                isHot = !TryPark();
                if (isHot)
                    continue;
            }

            // Asked, it attends, and the connection stays parked; rung, it looks at the connection again.
            if (!_reactor.Wait(out bool isRung, out bool isAsked))
                return;
            if (isRung)
            {
                Client.Sleeper.Wake();
                isHot = true;
            }

            if (isAsked)
                TryUnblock();
        }
    }

    private bool TryPark()
    {
        Client.Sleeper.Announce();
        bool mustStay = _flaw != SendPossibleFlaw.SleepsWithoutLook && IsAnyBlocked && HelpBlocked();
        if (mustStay)
            Client.Sleeper.Wake();
        return !mustStay;
    }

    private bool HelpBlocked()
    {
        Require(Client.Sender.Window.TryRefresh(), "an honest peer is not taken for a liar");
        (ulong head, ulong done) = (Client.Sender.Window.Head, Client.Sender.Window.Done);
        if (head == _headAtWake && done == _doneAtWake)
            return false;
        (_headAtWake, _doneAtWake) = (head, done);
        WakeBlocked();
        TryUnblock();
        return true;
    }
}
