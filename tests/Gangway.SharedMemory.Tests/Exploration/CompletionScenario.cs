// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Handlers complete messages on threads of their own; the server's reactor gives the credits back, whether the connection
/// is polled or parked; a client out of credit, which sleeps, goes on.
/// </summary>
internal sealed class CompletionScenario : ConnectionScenario
{
    // Design: CompleteMessage, PublishDone, GrantWish, TryPark, Wake and Attend are SharedMemoryLink's, line by line.

    private readonly int _completers;
    private readonly int _each;
    private readonly CompletionFlaw _flaw;
    private readonly ReactorModel _serverReactor = new("server's reactor");
    private readonly ReactorModel _clientReactor = new("client's reactor");
    private readonly CounterModel _completed;
    private readonly PinnedWords _isParked = new(1);
    private ulong _doneAnnounced;
    private int _running;

    /// <param name="completers">How many threads complete messages.</param>
    /// <param name="each">How many each of them completes.</param>
    /// <param name="flaw">What is done wrongly.</param>
    internal CompletionScenario(int completers, int each, CompletionFlaw flaw = CompletionFlaw.None)
    {
        _completers = completers;
        _each = each;
        _flaw = flaw;
        _completed = new CounterModel("completed", Labels);
        Labels.Add(ExplorerMemory.Address(in _isParked[0]), sizeof(ulong), static _ => "is parked");
        UseUpCredits();
        for (int i = 0; i < completers; i++)
            Thread($"completer{i}", ServerProcess, CompleteAll);
        Thread("reactor", ServerProcess, React);
        Thread("client", ClientProcess, WaitForCredit);
    }

    internal override void Check()
    {
        ulong done = ExplorerMemory.Read(in Server.Own.Word64(SegmentLayout.DoneOffset), Order.RingDone);
        Require(done == (ulong)(_completers * _each), $"{_completers * _each} messages were completed, {done} credits came back");
    }

    protected override void Begin()
    {
        _serverReactor.Reset();
        _clientReactor.Reset();
        _completed.Reset();
        _isParked.Clear();
        _doneAnnounced = 0;
        _running = _completers + 1;
    }

    private void CompleteAll()
    {
        for (int i = 0; i < _each; i++)
            CompleteMessage();
        End();
    }

    private void End()
    {
        Explorer.Park(static () => true, "end");
        if (--_running == 0)
            _serverReactor.Stop();
    }

    private void CompleteMessage()
    {
        bool wasParked = _flaw == CompletionFlaw.LooksBeforeCount && IsParked;
        _completed.Add(1);
        if (_flaw == CompletionFlaw.LooksBeforeCount ? wasParked : IsParked)
            _serverReactor.Attend();
    }

    private bool IsParked => ExplorerMemory.Read(in _isParked[0], Order.SlotState) != 0;

    private void Mark(bool isParked) => ExplorerMemory.Write(ref _isParked[0], isParked ? 1u : 0u, Order.SlotState);

    private void React()
    {
        bool isHot = true;
        while (true)
        {
            if (isHot)
            {
                GiveCreditBack();
                isHot = !TryPark();
                continue;
            }

            if (!_serverReactor.Wait(out bool isRung, out bool isAsked))
                return;
            if (isRung)
            {
                Server.Sleeper.Wake();
                Mark(isParked: false);
                isHot = true;
            }

            if (isAsked)
                GiveCreditBack();
        }
    }

    /// <summary>PublishDone and GrantWish: the same when polled and when attended.</summary>
    private void GiveCreditBack()
    {
        ulong completed = _completed.Value;
        if (completed == _doneAnnounced)
            return;
        _doneAnnounced = completed;
        ExplorerMemory.Write(ref Server.Own.Word64(SegmentLayout.DoneOffset), completed, Order.RingDone);
        if (_flaw == CompletionFlaw.PublishesSilently || !Server.Wish.PeerWaits() || !Server.Bell.MustRing(out uint sleep))
            return;
        _clientReactor.Ring();
        Server.Bell.MarkRung(sleep);
    }

    private bool TryPark()
    {
        if (_flaw != CompletionFlaw.MarksBehindLook)
            Mark(isParked: true);
        Server.Sleeper.Announce();
        bool mustStay = _flaw != CompletionFlaw.ParksWithoutLook && _completed.Value != _doneAnnounced;
        if (mustStay)
        {
            Server.Sleeper.Wake();
            Mark(isParked: false);
        }
        else if (_flaw == CompletionFlaw.MarksBehindLook)
        {
            Mark(isParked: true);
        }

        return !mustStay;
    }

    /// <summary>Waits for the last credit, and rings the server's bell meanwhile, as a client does that sends requests.</summary>
    private void WaitForCredit()
    {
        _serverReactor.Ring();
        Client.Wish.Announce();
        while (!HasAllCredits())
        {
            Client.Sleeper.Announce();
            if (!HasAllCredits())
                _clientReactor.Wait(out _, out _);
            Client.Sleeper.Wake();
        }

        End();
    }

    private bool HasAllCredits()
    {
        Require(Client.Sender.Window.TryRefresh(), "an honest peer is not taken for a liar");
        return Client.Sender.Window.Done == (ulong)(_completers * _each);
    }
}
