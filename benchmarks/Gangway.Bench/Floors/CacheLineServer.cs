// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Bench.Floors;

/// <summary>The replying half of the line floor: it spins, and sends the same line back.</summary>
internal sealed unsafe class CacheLineServer : SpinningServer
{
    /// <summary>Bit of a request's sequence that ends the round.</summary>
    public const ulong Last = 1UL << 63;

    public CacheLineServer(string address)
        : base(address) => Start();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ServeRound()
    {
        // SAFETY: the mapping is larger than one line and lives as long as the process.
        var line = (CacheLine*)Memory;
        ulong request;
        do
        {
            do
            {
                request = Volatile.Read(ref line->Sequence);
            }
            while ((request & 1) == 0);

            CacheLine.Payload copy = line->Bytes;
            line->Bytes = copy;
            Volatile.Write(ref line->Sequence, (request & ~Last) + 1);
        }
        while ((request & Last) == 0);
    }
}
