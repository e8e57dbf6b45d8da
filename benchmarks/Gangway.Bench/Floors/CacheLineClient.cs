// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Floors;

/// <summary>The asking half of the line floor: what the machine needs to bring one line there and back.</summary>
internal sealed unsafe class CacheLineClient : CallingClient
{
    private readonly FloorMemory _memory;
    private readonly CacheLine* _line;
    private CacheLine.Payload _payload;
    private ulong _sequence;

    public CacheLineClient(string address)
    {
        _memory = new FloorMemory(address);
        // SAFETY: the mapping is larger than one line and lives as long as this object.
        _line = (CacheLine*)_memory.Start;
    }

    /// <inheritdoc/>
    public override void Call() => Exchange(0);

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples)
    {
        Measurement measurement = base.Run(duration, samples);
        Exchange(CacheLineServer.Last);
        return measurement;
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Exchange(ulong mark)
    {
        CacheLine* line = _line;
        ulong reply = _sequence + 2;
        _payload[0] = reply;
        line->Bytes = _payload;
        Volatile.Write(ref line->Sequence, (reply - 1) | mark);
        while (Volatile.Read(ref line->Sequence) != reply)
        {
        }

        CacheLine.Payload copy = line->Bytes;
        Check(copy[0] == reply);
        _sequence = reply;
    }
}
