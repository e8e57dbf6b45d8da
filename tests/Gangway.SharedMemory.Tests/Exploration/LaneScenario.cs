// SPDX-License-Identifier: MIT

using System.Numerics;

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// The lanes by themselves: all callers are suspended and have announced. Each replier answers one slot, signals, and
/// rings; the reactor sleeps when it finds nothing, until it has every reply.
/// </summary>
internal sealed class LaneScenario : ConnectionScenario
{
    private readonly int[] _slots;
    private ulong _missing;
    private ulong _published;

    /// <param name="slots">For each replier its slot.</param>
    internal LaneScenario(params int[] slots)
    {
        _slots = slots;
        foreach (int slot in slots)
            Thread($"replier of {slot}", ServerProcess, () => Answer(slot));
        Thread("reactor", ClientProcess, React);
        MayDie(ServerProcess);
    }

    internal override void Check() => Require((_missing & (Dead == 0 ? ulong.MaxValue : _published)) == 0, "each reply is taken");

    protected override void Begin()
    {
        _missing = _published = 0;
        foreach (int slot in _slots)
        {
            Require(Client.Replies.TryWait(slot, 0, ReplyWaiting.Announce), "set-up");
            _missing |= 1UL << slot;
        }
    }

    private void Answer(int slot)
    {
        if (Server.ReplyWriter.Publish(slot, 1, 0, []) != ReplyWaiting.Announce)
            throw new BrokenPromise("the caller has announced");
        _published |= 1UL << slot;
        Server.LaneWriter.Signal(slot);
        RingIfAsleep(Server, ClientSocket);
    }

    private void React()
    {
        while (_missing != 0)
        {
            ulong slots = Client.LaneReader.Take();
            for (ulong rest = slots; rest != 0; rest &= rest - 1)
                Require(TryTakeReply(BitOperations.TrailingZeroCount(rest)), "a bit tells of a reply that is there");
            if (slots != 0)
                continue;
            Client.Sleeper.Announce();
            if (!Client.LaneReader.HasSignals(Order.SleepRecheck) && !ClientSocket.Wait())
            {
                TakeTheRest();
                return;
            }

            Client.Sleeper.Wake();
        }
    }

    /// <summary>The server is dead. Lanes may lag behind the replies, so all slots are looked at.</summary>
    private void TakeTheRest()
    {
        for (ulong rest = _missing; rest != 0; rest &= rest - 1)
            TryTakeReply(BitOperations.TrailingZeroCount(rest));
    }

    private bool TryTakeReply(int slot)
    {
        ulong previous = 0;
        Require((_missing >> slot & 1) != 0, "no slot is told of twice, where each has one reply");
        if (Client.Replies.TryTake(slot, 1, ref previous, [], out _) != ReplyRead.Taken)
            return false;
        _missing &= ~(1UL << slot);
        return true;
    }
}
