// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Floors;

/// <summary>The writing half of the stream floor: one publication and one full fence for each message.</summary>
/// <remarks>
/// The fence is what a writer needs that may have to wake its reader: it stands between publishing and
/// looking at the sleep word. A floor without it would be a floor of something else.
/// </remarks>
internal sealed unsafe class StreamFloorClient : Client
{
    private readonly FloorMemory _memory;
    private readonly StreamRing* _ring;
    private StreamRing.Payload _payload;
    private ulong _sent;
    private ulong _head;

    public StreamFloorClient(string address)
    {
        _memory = new FloorMemory(address);
        // SAFETY: the mapping is larger than the ring and lives as long as this object.
        _ring = (StreamRing*)_memory.Start;
    }

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples)
    {
        ulong first = _sent;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        do
        {
            SendBlock(1000);
        }
        while (Stopwatch.GetTimestamp() < end);

        Send(StreamFloorServer.Last);
        while (Volatile.Read(ref _ring->Head) != _sent)
        {
        }

        return Measurement.OfThroughput((long)(_sent - first), Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SendBlock(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            Send((ulong)i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Send(ulong first)
    {
        while (_sent - _head >= StreamRing.Slots)
        {
            _head = Volatile.Read(ref _ring->Head);
        }

        // SAFETY: the index is masked to the number of slots, and the mapping holds them all.
        StreamRing.Slot* slot = (StreamRing.Slot*)((byte*)_ring + StreamRing.SlotsOffset) + (_sent & (StreamRing.Slots - 1));
        _payload[0] = first;
        slot->Bytes = _payload;
        _sent++;
        Volatile.Write(ref slot->Sequence, _sent);
        Interlocked.MemoryBarrier();
    }
}
