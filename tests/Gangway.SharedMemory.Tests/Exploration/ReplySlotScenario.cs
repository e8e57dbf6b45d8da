// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// A caller says that it waits and sleeps on something that does not compare the reply's word; the replier tells it when
/// it says so. What remains is what the slot itself promises: one of the two sees the other.
/// </summary>
/// <remarks>
/// A caller that sleeps on the word itself gets a second look from the kernel, behind a fence of the kernel's: there
/// neither the caller's fence nor its last look can be missed. See <see cref="CallScenario"/>.
/// </remarks>
internal sealed class ReplySlotScenario : ConnectionScenario
{
    private const int Slot = 5;

    private readonly int _calls;
    private readonly FakeSocket _bell = new("caller's bell", ServerProcess);
    private readonly RequestQueueModel _requests = new();
    private int _replies;

    internal ReplySlotScenario(int calls)
    {
        _calls = calls;
        Thread("caller", ClientProcess, Call);
        Thread("replier", ServerProcess, Answer);
    }

    internal override void Check() => Require(_replies == _calls, "each call has its reply");

    protected override void Begin()
    {
        _bell.Reset();
        _requests.Reset();
        _replies = 0;
    }

    private void Call()
    {
        ulong previous = 0;
        Span<byte> payload = stackalloc byte[12];
        for (int generation = 1; generation <= _calls; generation++)
        {
            _requests.Post(Slot, (ulong)generation);
            while (!TryTake(generation, ref previous, payload))
            {
                if (Client.Replies.TryWait(Slot, previous, ReplyWaiting.Parked))
                    _bell.Wait();
                Client.Replies.Poll(Slot);
            }

            _replies++;
        }
    }

    private bool TryTake(int generation, ref ulong previous, Span<byte> payload)
    {
        ReplyRead read = Client.Replies.TryTake(Slot, (ulong)generation, ref previous, payload, out int length);
        Require(read != ReplyRead.PeerFault, "the slot holds the last reply or the awaited one");
        if (read == ReplyRead.Pending)
            return false;
        bool isWhole = length == payload.Length && payload.IndexOfAnyExcept(PayloadByte(generation)) < 0;
        Require(isWhole, "the reply is whole");
        return true;
    }

    private void Answer()
    {
        Span<byte> payload = stackalloc byte[12];
        for (int i = 0; i < _calls; i++)
        {
            (int slot, ulong generation) = _requests.Take();
            Fill(payload, (int)generation);
            if (Server.ReplyWriter.Publish(slot, generation, 0, payload) == ReplyWaiting.Parked)
                _bell.Send();
        }
    }
}
