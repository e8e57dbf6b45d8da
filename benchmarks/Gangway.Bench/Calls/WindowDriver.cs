// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>Keeps a number of requests outstanding on each of some endpoints, and counts the replies.</summary>
/// <param name="endpoints">The active connections.</param>
/// <param name="window">Requests outstanding on each.</param>
internal sealed class WindowDriver(Endpoint[] endpoints, int window)
{
    private readonly byte[] _request = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _reply = new byte[GangwayCallClient.PayloadBytes];
    private long _calls;

    /// <summary>Works for <paramref name="duration"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Measurement Run(TimeSpan duration)
    {
        // SEAM: a blocking call at a time, whatever the window, until there is CallAsync.
        _ = window;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long first = _calls;
        do
        {
            foreach (Endpoint endpoint in endpoints)
            {
                BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
                if (!endpoint.Call(FleetHandler.Echo, _request, _reply).IsOk
                    || BinaryPrimitives.ReadInt64LittleEndian(_reply) != _calls)
                {
                    throw new BenchmarkException("A reply did not match its request.");
                }
            }
        }
        while (Stopwatch.GetTimestamp() < end);

        return Measurement.OfThroughput(_calls - first, Stopwatch.GetElapsedTime(start));
    }
}
