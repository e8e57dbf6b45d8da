// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A private counter that the link changes with <c>Interlocked</c>.</summary>
internal sealed class CounterModel
{
    private readonly ulong[] _word = GC.AllocateArray<ulong>(1, pinned: true);

    internal CounterModel(string name, Labels labels) =>
        labels.Add(ExplorerMemory.Address(in _word[0]), sizeof(ulong), _ => name);

    internal ulong Value => ExplorerMemory.Read(in _word[0], Order.SlotState);

    internal void Reset() => _word[0] = 0;

    /// <summary>Changes it, if it is what is expected.</summary>
    internal bool TryChange(ulong expected, ulong next) =>
        ExplorerMemory.CompareExchange(ref _word[0], next, expected, Order.SlotState) == expected;

    /// <summary>Adds, with a full fence, and returns the sum.</summary>
    internal ulong Add(int change)
    {
        ulong value = Value;
        while (true)
        {
            ulong sum = value + (ulong)change;
            ulong found = ExplorerMemory.CompareExchange(ref _word[0], sum, value, Order.SlotState);
            if (found == value)
                return sum;
            value = found;
        }
    }
}
