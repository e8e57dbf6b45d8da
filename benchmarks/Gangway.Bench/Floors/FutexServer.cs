// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Floors;

/// <summary>The replying half of the futex floor: it sleeps at once, and wakes the client for each reply.</summary>
internal sealed unsafe class FutexServer : FloorServer
{
    public FutexServer(string address)
        : base(address) => StartThread(Serve);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Serve()
    {
        // SAFETY: the mapping is larger than the pair and lives as long as the process.
        var pair = (FutexPair*)Memory;
        uint served = 0;
        while (true)
        {
            while (Volatile.Read(ref pair->Request) == served)
            {
                Futex.Wait(&pair->Request, served);
            }

            served++;
            pair->ReplyBytes = pair->RequestBytes;
            Volatile.Write(ref pair->Reply, served);
            Futex.Wake(&pair->Reply);
        }
    }
}
