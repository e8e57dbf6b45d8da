// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.Bench.Floors.Interop;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Floors;

/// <summary>The asking half of the futex floor: the least that two sleeping processes pay on one core.</summary>
internal sealed unsafe class FutexClient : CallingClient
{
    private readonly FloorMemory _memory;
    private readonly FutexPair* _pair;
    private FutexPair.Payload _payload;
    private uint _calls;

    public FutexClient(string address)
    {
        _memory = new FloorMemory(address);
        // SAFETY: the mapping is larger than the pair and lives as long as this object.
        _pair = (FutexPair*)_memory.Start;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Call()
    {
        FutexPair* pair = _pair;
        uint before = _calls;
        uint call = before + 1;
        _payload[0] = call;
        pair->RequestBytes = _payload;
        Volatile.Write(ref pair->Request, call);
        Futex.Wake(&pair->Request);
        while (Volatile.Read(ref pair->Reply) == before)
        {
            Futex.Wait(&pair->Reply, before);
        }

        FutexPair.Payload copy = pair->ReplyBytes;
        Check(copy[0] == call);
        _calls = call;
    }

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();
}
