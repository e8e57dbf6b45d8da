// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Several threads put work on a pile; whoever holds the baton does it. Nobody waits.</summary>
internal sealed class ToyBaton : Scenario
{
    private const int Baton = 0;
    private const int Pile = 1;

    private readonly PinnedWords _words = new(2);
    private readonly int _threads;
    private int _done;
    private bool _isHeld;

    internal ToyBaton(int threads)
    {
        _threads = threads;
        for (int i = 0; i < threads; i++)
            Thread($"thread{i}", i, PutAndDo);
    }

    internal override void Reset()
    {
        _words.Clear();
        _done = 0;
        _isHeld = false;
    }

    internal override void Check() => Require(_done == _threads, $"{_threads} put, {_done} done");

    private static bool Swap(ref ulong word, ulong from, ulong to, Order order) =>
        ExplorerMemory.CompareExchange(ref word, to, from, order) == from;

    private void PutAndDo()
    {
        ulong put;
        do
            put = ExplorerMemory.Read(in _words[Pile], Order.Outbox);
        while (!Swap(ref _words[Pile], put, put + 1, Order.Outbox));

        while (!Swap(ref _words[Baton], 0, 1, Order.BatonTake))
        {
            if (ExplorerMemory.CompareExchange(ref _words[Baton], 2, 1, Order.BatonWant) != 0)
                return;
        }

        Require(!_isHeld, "two threads hold the baton");
        _isHeld = true;
        while (true)
        {
            ulong pile = ExplorerMemory.Read(in _words[Pile], Order.Outbox);
            if (pile != 0)
            {
                if (Swap(ref _words[Pile], pile, 0, Order.Outbox))
                    _done += (int)pile;
                continue;
            }

            _isHeld = false;
            if (Swap(ref _words[Baton], 1, 0, Order.BatonRelease))
                return;
            _isHeld = true;
            ExplorerMemory.CompareExchange(ref _words[Baton], 1, 2, Order.BatonTake);
        }
    }
}
