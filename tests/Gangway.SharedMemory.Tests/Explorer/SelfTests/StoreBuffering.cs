// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Two threads each store to one word and load the other's: both may see nothing, unless both fence.</summary>
internal sealed class StoreBuffering : Scenario
{
    private readonly PinnedWords _words = new(2);
    private readonly ulong[] _seen = new ulong[2];

    internal StoreBuffering(bool isFenced)
    {
        for (int i = 0; i < 2; i++)
        {
            int own = i;
            Thread($"thread{own}", own, () =>
            {
                ExplorerMemory.Write(ref _words[own], 1, Order.SleepAnnounce);
                if (isFenced)
                    ExplorerMemory.Fence(Order.SleepFence);
                _seen[own] = ExplorerMemory.Read(in _words[1 - own], Order.SleepRecheck);
            });
        }
    }

    internal override void Reset()
    {
        _words.Clear();
        _seen.AsSpan().Clear();
    }

    internal override void Check() => Require(_seen[0] + _seen[1] != 0, "neither thread saw the other's store");
}
