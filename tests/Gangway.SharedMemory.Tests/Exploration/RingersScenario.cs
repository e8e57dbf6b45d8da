// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Two threads of a process ring the same sleep, one behind a record and the baton, one behind a word of its own and the
/// bell's fence; the reactor sleeps until it has seen both.
/// </summary>
internal sealed class RingersScenario : ConnectionScenario
{
    private int _received;
    private bool _sawState;

    internal RingersScenario()
    {
        Thread("sender", ClientProcess, () => SendAndRing(Client, ServerSocket, 0, 8));
        Thread("closer", ClientProcess, () =>
        {
            ref uint state = ref Client.Own.Word32(SegmentLayout.StateOffset);
            ExplorerMemory.Write(ref state, (uint)SegmentState.Closing, Order.RingPublish);
            Bell<ExplorerMemory>.Fence();
            RingIfAsleep(Client, ServerSocket);
        });
        Thread("server", ServerProcess, Serve);
    }

    protected override void Begin()
    {
        _received = 0;
        _sawState = false;
    }

    private void Serve()
    {
        while (_received == 0 || !_sawState)
        {
            bool isIdle = !TryReceive() & !LookAtState(Order.RingPublish);
            if (!isIdle)
                continue;
            Server.Sleeper.Announce();
            if (!Server.Reader.HasRecord(Order.SleepRecheck) && !LookAtState(Order.SleepRecheck))
                ServerSocket.Wait();
            Server.Sleeper.Wake();
        }
    }

    private bool TryReceive()
    {
        if (Receive(Server) < 0)
            return false;
        _received++;
        return true;
    }

    private bool LookAtState(Order order)
    {
        ref uint state = ref Client.Own.Word32(SegmentLayout.StateOffset);
        if (_sawState || ExplorerMemory.Read(in state, order) != (uint)SegmentState.Closing)
            return false;
        return _sawState = true;
    }
}
