// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Stands where one at a time may be, and counts those who find another there.</summary>
internal sealed class OverlapDetector
{
    private int _inside;
    private int _passed;
    private int _overlaps;

    internal int Passed => Volatile.Read(ref _passed);

    internal void Enter()
    {
        if (Interlocked.Increment(ref _inside) != 1)
            Interlocked.Increment(ref _overlaps);
    }

    internal void Leave()
    {
        Interlocked.Increment(ref _passed);
        Interlocked.Decrement(ref _inside);
    }

    internal void MustBeClean()
    {
        Assert.Equal(0, Volatile.Read(ref _overlaps));
        Assert.Equal(0, Volatile.Read(ref _inside));
    }
}
