// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// The ring or the credit is used up. Some senders are refused and go on when they are told, others wait in place; the
/// server gives back what lets one at a time go on; the client's reactor looks, tells, and sleeps in between.
/// </summary>
internal sealed partial class SendPossibleScenario : ConnectionScenario
{
    // Design:
    //
    // NoteRefused, TryUnblock, WithdrawWish, WaitForRoom, HelpBlocked and LeaveSlot are SharedMemoryLink's, line by line.
    // Promises: each refusal that set the mark has one notice; each refused sender hears one that was posted behind its
    // mark (else it sleeps for ever, which the explorer finds); at a notice a largest message fits unless somebody sent;
    // nobody is owed a notice in the end while there is room.

    private const ulong RefusedMessage = 1;
    private const ulong RefusedCall = 2;
    private const int PayloadBytes = 360;

    private readonly SendPossibleSetup _setup;
    private readonly SendPossibleFlaw _flaw;
    private readonly ReactorModel _reactor = new("client's reactor");
    private readonly RefusedSenders<ExplorerMemory> _refused = new();
    private readonly ParkingWordModel _room;
    private readonly CounterModel _blocked;
    private readonly Snapshot _mark;
    private readonly int _due;
    private ulong _headAtWake;
    private ulong _doneAtWake;
    private int _running;
    private int _notices;
    private int _periods;
    private int _attempts;
    private int _active;

    internal SendPossibleScenario(SendPossibleSetup setup, SendPossibleFlaw flaw = SendPossibleFlaw.None)
        : base(slotCount: 1)
    {
        _setup = setup;
        _flaw = flaw;
        _due = (setup.Refused + setup.Waiting) * setup.Each;
        _room = new ParkingWordModel("room", Futex, Labels);
        _blocked = new CounterModel("blocked", Labels);
        _mark = new Snapshot(Labels, ("refused", _refused));
        if (setup.IsCredit)
            UseUpCredits();
        else
            UseUpSpace();

        for (int i = 0; i < setup.Refused; i++)
            Sender($"refused{i}", i, SendOrHear);
        for (int i = 0; i < setup.Waiting; i++)
            Sender($"waiting{i}", setup.Refused + i, SendOrWait);
        if (setup.HasCaller)
        {
            Require(Client.Slots.TryTake(out _, out _), "set-up");
            Thread("caller", ClientProcess, () => Run(TakeSlotOrHear));
            Thread("holder", ClientProcess, () => Run(FreeSlot));
        }

        Thread("reactor", ClientProcess, React);
        Thread("server", ServerProcess, () => Run(setup.IsCredit ? GiveCreditBack : ReadAll));
    }

    internal override void Check()
    {
        ulong owed = _refused.Value;
        Require((owed & RefusedMessage) == 0 || !HasRoom(1), "nobody is owed a notice while there is room");
        Require((owed & RefusedCall) == 0 || !Client.Slots.HasFree, "nobody is owed a notice while there is a slot");
        int due = _periods - System.Numerics.BitOperations.PopCount(owed);

        // One notice may tell of a message and of a call.
        Require(_notices == due || (_setup.HasCaller && _notices < due), $"{due} notices were due, {_notices} were posted");
        Require(_blocked.Value == 0, "who waited has left");
    }

    protected override void Begin()
    {
        _reactor.Reset();
        _mark.Restore();
        _room.Reset();
        _blocked.Reset();
        _headAtWake = _doneAtWake = 0;
        _running = Threads.Count - 1;
        _notices = _periods = _attempts = _active = 0;
    }

    private void Sender(string name, int index, Action<int> send) => Thread(name, ClientProcess, () => Run(() =>
    {
        for (int i = 0; i < _setup.Each; i++)
            send(index * _setup.Each + i);
    }));

    /// <summary>Runs a thread; the last one to end lets the reactor end.</summary>
    private void Run(Action body)
    {
        body();
        Explorer.Park(static () => true, "end");
        if (--_running == 0)
            _reactor.Stop();
    }

    private void GiveCreditBack()
    {
        for (int i = 0; i < _due; i++)
        {
            Complete(Server);
            LookAtWish();
        }
    }

    /// <summary>The server's loop: reads until it runs dry, looks at the wish, and sleeps.</summary>
    private void ReadAll()
    {
        ulong positionAtWish = Server.Reader.Position;
        for (int left = _due + 1; left > 0;)
        {
            if (Receive(Server) >= 0)
            {
                left--;
                continue;
            }

            if (Server.Reader.Position != positionAtWish)
            {
                positionAtWish = Server.Reader.Position;
                LookAtWish();
            }

            Server.Sleeper.Announce();
            if (!Server.Reader.HasRecord(Order.SleepRecheck))
                ServerSocket.Wait();
            Server.Sleeper.Wake();
        }

        LookAtWish();
    }

    private void LookAtWish()
    {
        if (!Server.Wish.PeerWaits() || !Server.Bell.MustRing(out uint sleep))
            return;
        _reactor.Ring();
        Server.Bell.MarkRung(sleep);
    }
}
