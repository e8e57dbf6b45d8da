// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Bench.Floors;

/// <summary>The reading half of the stream floor: takes one message at a time and publishes its head each time.</summary>
internal sealed unsafe class StreamFloorServer : SpinningServer
{
    /// <summary>First payload word of the message that ends a round.</summary>
    public const ulong Last = ulong.MaxValue;

    private ulong _taken;

    public StreamFloorServer(string address)
        : base(address) => Start();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ServeRound()
    {
        // SAFETY: the index is masked to the number of slots, the mapping holds them all and lives as long
        // as the process.
        var ring = (StreamRing*)Memory;
        var slots = (StreamRing.Slot*)(Memory + StreamRing.SlotsOffset);
        ulong taken = _taken;
        StreamRing.Payload copy;
        do
        {
            StreamRing.Slot* slot = slots + (taken & (StreamRing.Slots - 1));
            while (Volatile.Read(ref slot->Sequence) != taken + 1)
            {
            }

            copy = slot->Bytes;
            taken++;
            Volatile.Write(ref ring->Head, taken);
        }
        while (copy[0] != Last);
        _taken = taken;
    }
}
