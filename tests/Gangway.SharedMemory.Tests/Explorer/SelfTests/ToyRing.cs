// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The smallest ring with a sleeping reader: slots, a tail, a sleep word and a bell.</summary>
internal sealed class ToyRing : Scenario
{
    private const int Writer = 0;
    private const int Reader = 1;
    private const int Tail = 0;
    private const int Sleep = 1;
    private const int Slots = 2;

    private readonly PinnedWords _words;
    private readonly FakeSocket _bell = new("bell", Writer);
    private readonly int _messages;
    private readonly bool _looksAfterDeath;
    private int _written;
    private int _read;

    internal ToyRing(int messages, bool looksAfterDeath = true)
    {
        _words = new PinnedWords(Slots + messages);
        _messages = messages;
        _looksAfterDeath = looksAfterDeath;
        Thread("writer", Writer, Write);
        Thread("reader", Reader, Read);
        MayDie(Writer);
        Labels.Add(ExplorerMemory.Address(in _words[0]), 16, offset => offset < 8 ? "tail" : "sleep");
        Labels.Add(ExplorerMemory.Address(in _words[Slots]), 8 * messages, offset => $"slot {offset / 8}");
    }

    internal override void Reset()
    {
        _words.Clear();
        _bell.Reset();
        _written = _read = 0;
    }

    internal override void Check() => Require(_read >= _written, $"{_written} messages were written, {_read} were read");

    private void Write()
    {
        for (int i = 0; i < _messages; i++)
        {
            ExplorerMemory.Write(ref _words[Slots + i], (ulong)i + 1, Order.RingPayload);
            ExplorerMemory.Write(ref _words[Tail], (ulong)i + 1, Order.RingPublish);
            _written++;
            ExplorerMemory.Fence(Order.BellFence);
            if (ExplorerMemory.Read(in _words[Sleep], Order.BellLook) != 0)
                _bell.Send();
        }
    }

    private void Read()
    {
        bool isPeerDead = false;
        while (_read < _messages)
        {
            if (TryRead(Order.RingPublish))
                continue;
            if (isPeerDead)
                return;
            ExplorerMemory.Write(ref _words[Sleep], 1, Order.SleepAnnounce);
            ExplorerMemory.Fence(Order.SleepFence);
            if (ExplorerMemory.Read(in _words[Tail], Order.SleepRecheck) == (ulong)_read)
                isPeerDead = !_bell.Wait();
            ExplorerMemory.Write(ref _words[Sleep], 0, Order.SleepAnnounce);
            if (isPeerDead && !_looksAfterDeath)
                return;
        }
    }

    private bool TryRead(Order order)
    {
        if (ExplorerMemory.Read(in _words[Tail], order) == (ulong)_read)
            return false;
        ulong value = ExplorerMemory.Read(in _words[Slots + _read], Order.RingPayload);
        Require(value == (ulong)_read + 1, $"message {_read} reads {value}");
        _read++;
        return true;
    }
}
