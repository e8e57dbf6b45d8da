// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A model of the kernel's futexes: compare and block in one step, on one word or on two.</summary>
internal sealed class FakeFutex
{
    private readonly List<Waiter> _waiters = [];

    internal void Reset() => _waiters.Clear();

    /// <summary>Blocks if the word holds what is expected, until it is woken.</summary>
    /// <returns>Also <see cref="WaitEnd.Happened"/> when the word holds something else.</returns>
    internal WaitEnd Wait(ref uint word, uint expected, bool mayTimeOut = false)
    {
        nuint address = ExplorerMemory.Address(in word);
        Worker self = Explorer.Self();
        SimulatedMemory memory = self.Scheduler.Memory;
        self.Scheduler.EnterKernel(self, "futex wait", memory.CellAt(address));
        if (memory.ReadInKernel(self, address) != expected)
            return WaitEnd.Happened;
        return Block(self, address, 0, mayTimeOut);
    }

    /// <summary>As <c>futex_waitv</c>: blocks if both words hold what is expected, until one of them is woken.</summary>
    internal WaitEnd WaitAny(
        ref uint first, uint firstExpected, ref uint second, uint secondExpected, bool mayTimeOut = false)
    {
        (nuint one, nuint two) = (ExplorerMemory.Address(in first), ExplorerMemory.Address(in second));
        Worker self = Explorer.Self();
        SimulatedMemory memory = self.Scheduler.Memory;
        self.Scheduler.EnterKernel(self, "futex waitv", memory.CellAt(one), memory.CellAt(two));
        if (memory.ReadInKernel(self, one) != firstExpected || memory.ReadInKernel(self, two) != secondExpected)
            return WaitEnd.Happened;
        return Block(self, one, two, mayTimeOut);
    }

    /// <summary>Wakes some of those who wait on a word, the first who came first.</summary>
    internal void Wake(ref uint word, int count)
    {
        nuint address = ExplorerMemory.Address(in word);
        Worker self = Explorer.Self();
        self.Scheduler.EnterKernel(self, "futex wake");
        foreach (Waiter waiter in _waiters)
        {
            if (count == 0)
                return;
            if (waiter.IsWoken || waiter.Thread.IsOver || (waiter.First != address && waiter.Second != address))
                continue;
            waiter.IsWoken = true;
            count--;
        }
    }

    private WaitEnd Block(Worker self, nuint first, nuint second, bool mayTimeOut)
    {
        Waiter waiter = new(self, first, second);
        _waiters.Add(waiter);
        WaitEnd end = self.Scheduler.Block(self, () => waiter.IsWoken, mayTimeOut);
        _waiters.Remove(waiter);
        return waiter.IsWoken ? WaitEnd.Happened : end;
    }

    private sealed class Waiter(Worker thread, nuint first, nuint second)
    {
        internal Worker Thread => thread;

        internal nuint First => first;

        internal nuint Second => second;

        internal bool IsWoken { get; set; }
    }
}
