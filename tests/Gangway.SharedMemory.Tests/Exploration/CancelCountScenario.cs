// SPDX-License-Identifier: MIT

using System.Numerics;

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Cancels by themselves: the server has taken a request in each slot, and its callers cancel at once. The server's
/// reactor sleeps when it finds nothing, until it knows of all.
/// </summary>
internal sealed class CancelCountScenario : ConnectionScenario
{
    private readonly LaneFlaw _flaw;
    private readonly ulong _all;
    private ulong _pending;

    /// <param name="callers">How many threads cancel.</param>
    /// <param name="flaw">What the reactor does wrong.</param>
    internal CancelCountScenario(int callers, LaneFlaw flaw = LaneFlaw.None)
    {
        _flaw = flaw;
        _all = (1UL << callers) - 1;
        for (int i = 0; i < callers; i++)
        {
            int slot = i;
            Thread($"caller{i}", ClientProcess, () =>
            {
                Client.Replies.Cancel(slot);
                RingIfAsleep(Client, ServerSocket);
            });
        }

        Thread("server's reactor", ServerProcess, React);
    }

    internal override void Check() => Require(_pending == 0, "each cancel is heard");

    protected override void Begin() => _pending = _all;

    private void React()
    {
        while (_pending != 0)
        {
            if (TryHear())
                continue;
            Server.Sleeper.Announce();
            if (_flaw == LaneFlaw.LastLookWithoutLanes || !Server.Cancels.HasCancels(Order.SleepRecheck))
                ServerSocket.Wait();
            Server.Sleeper.Wake();
        }
    }

    private bool TryHear()
    {
        if (_flaw == LaneFlaw.LooksBeforeCount)
        {
            if (!Server.Cancels.HasCancels())
                return false;
            LookAtPending();
            return Server.Cancels.TryTake();
        }

        if (!Server.Cancels.TryTake())
            return false;
        LookAtPending();
        return true;
    }

    private void LookAtPending()
    {
        for (ulong rest = _pending; rest != 0; rest &= rest - 1)
        {
            int slot = BitOperations.TrailingZeroCount(rest);
            if (Server.Cancels.IsCancelled(slot))
                _pending &= ~(1UL << slot);
        }
    }
}
