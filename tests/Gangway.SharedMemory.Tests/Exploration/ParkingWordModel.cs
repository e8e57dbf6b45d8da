// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What <c>Gangway.Platform.ParkingWord</c> is, on the explorer's memory and its model of the kernel.</summary>
internal sealed class ParkingWordModel
{
    private readonly FakeFutex _futex;
    private readonly uint[] _word = GC.AllocateArray<uint>(2, pinned: true);

    internal ParkingWordModel(string name, FakeFutex futex, Labels labels)
    {
        _futex = futex;
        labels.Add(ExplorerMemory.Address(in _word[0]), sizeof(uint), _ => name);
    }

    /// <summary>The word itself, to sleep on beside another.</summary>
    internal ref uint Word => ref _word[0];

    internal uint Value => ExplorerMemory.Read(in _word[0], Order.SlotState);

    internal void Reset() => _word[0] = 0;

    internal void Bump()
    {
        uint value = Value;
        while (ExplorerMemory.CompareExchange(ref _word[0], value + 1, value, Order.SlotState) is var found && found != value)
            value = found;
    }

    internal void Wake(int count) => _futex.Wake(ref _word[0], count);

    internal WaitEnd Wait(uint expected, bool mayTimeOut = false) => _futex.Wait(ref _word[0], expected, mayTimeOut);
}
