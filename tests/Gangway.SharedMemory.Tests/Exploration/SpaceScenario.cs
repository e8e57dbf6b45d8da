// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// The ring, or the credit, is used up. Senders wait for more; the server gives some back; the client's reactor, which
/// sleeps, wakes the senders.
/// </summary>
internal sealed class SpaceScenario : ConnectionScenario
{
    private const int PayloadBytes = 360;

    private readonly int _senders;
    private readonly bool _isCredit;
    private readonly bool _looksBeforeSleep;
    private readonly ParkingWordModel _room;
    private readonly CounterModel _blocked;
    private int _sent;
    private ulong _headAtWake;
    private ulong _doneAtWake;

    /// <param name="senders">How many threads want to send one message.</param>
    /// <param name="isCredit">Whether it is message credits that are used up, else space.</param>
    /// <param name="looksBeforeSleep">Whether a sender looks once more between its wish and its sleep, as it must.</param>
    internal SpaceScenario(int senders, bool isCredit, bool looksBeforeSleep = true)
    {
        _looksBeforeSleep = looksBeforeSleep;
        _senders = senders;
        _isCredit = isCredit;
        _room = new ParkingWordModel("room", Futex, Labels);
        _blocked = new CounterModel("blocked", Labels);
        if (isCredit)
            UseUpCredits();
        else
            UseUpSpace();
        for (int i = 0; i < senders; i++)
        {
            int number = i;
            Thread($"sender{i}", ClientProcess, () => SendBlocking(number));
        }

        Thread("reactor", ClientProcess, React);
        Thread("server", ServerProcess, GiveBack);
    }

    internal override void Check()
    {
        for (int i = 0; i < _senders; i++)
            Require(Receive(Server) >= 0, "each sender's message is in the ring");
    }

    protected override void Begin()
    {
        _room.Reset();
        _blocked.Reset();
        _sent = 0;
        _headAtWake = _doneAtWake = 0;
    }

    private void SendBlocking(int number)
    {
        while (SendAndRing(Client, ServerSocket, number, _isCredit ? 8 : PayloadBytes) == RecordSend.Refused)
        {
            _blocked.Add(1);
            WaitForRoom();
            StopBlocking();
        }

        if (++_sent == _senders)
            ClientSocket.Send();
    }

    private void WaitForRoom()
    {
        while (true)
        {
            uint seen = _room.Value;
            Client.Wish.Announce();
            if (_looksBeforeSleep && HasRoom())
                return;
            _room.Wait(seen);
            if (HasRoom())
                return;
        }
    }

    private bool HasRoom()
    {
        Admission room = Client.Sender.Window.Recheck(messages: 1);
        Require(room != Admission.PeerFault, "an honest peer is not taken for a liar");
        return room == Admission.Admitted;
    }

    private void StopBlocking()
    {
        if (_blocked.Add(-1) != 0)
            return;
        Client.Wish.Withdraw();
        if (_blocked.Value != 0)
            WakeBlocked();
    }

    private void WakeBlocked()
    {
        _room.Bump();
        _room.Wake(int.MaxValue);
    }

    private void React()
    {
        while (_sent < _senders)
        {
            if (_blocked.Value != 0)
                HelpBlocked();
            Client.Sleeper.Announce();
            if (_blocked.Value == 0 || !HelpBlocked())
                ClientSocket.Wait();
            Client.Sleeper.Wake();
        }
    }

    private bool HelpBlocked()
    {
        Require(Client.Sender.Window.TryRefresh(), "an honest peer is not taken for a liar");
        (ulong head, ulong done) = (Client.Sender.Window.Head, Client.Sender.Window.Done);
        if (head == _headAtWake && done == _doneAtWake)
            return false;
        (_headAtWake, _doneAtWake) = (head, done);
        WakeBlocked();
        return true;
    }

    private void GiveBack()
    {
        if (_isCredit)
        {
            for (int i = 0; i < _senders; i++)
                Complete(Server);
        }
        else
        {
            Require(Receive(Server) == BacklogNumber, "the message in the ring is read");
        }

        if (Server.Wish.PeerWaits())
            RingIfAsleep(Server, ClientSocket);
    }
}
