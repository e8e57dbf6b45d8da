// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>One Gangway connection that calls fast operations, or slow ones, or watches what the slow ones of others do to it.</summary>
internal sealed class GangwayNeighbourClient(string address) : Client
{
    // 10 s of calls 10 us apart are a million samples.
    private static readonly long s_paceTicks = Stopwatch.Frequency / 100_000;
    private static readonly long s_delayedTicks = Stopwatch.Frequency / 2000;

    private readonly Endpoint _endpoint = Domain.Connect(address);
    private readonly byte[] _request = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _reply = new byte[GangwayCallClient.PayloadBytes];
    private long _calls;
    private long _delayed;
    private double _longestNs;

    /// <inheritdoc/>
    public override string? Do(string[] command, Samples samples)
    {
        int number = command.Length < 2 ? 0 : int.Parse(command[1], CultureInfo.InvariantCulture);
        return command[0] switch
        {
            "echo" => RunEcho((uint)number, Milliseconds(command[2]), samples).ToLine(),
            "watch" => RunWatch(TimeSpan.FromMilliseconds(number), samples).ToLine(),
            "slow" => RunSlow(number, Milliseconds(command[2])).ToLine(),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override long Counter(string name) => name switch
    {
        "delayed" => _delayed,
        "longest" => (long)_longestNs,
        _ => throw new BenchmarkException($"Unknown counter '{name}'."),
    };

    /// <inheritdoc/>
    public override void Dispose() => _endpoint.Dispose();

    private static TimeSpan Milliseconds(string text) =>
        TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>One call of <paramref name="operation"/> after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Measurement RunEcho(uint operation, TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long last = start;
        do
        {
            Call(operation);
            long now = Stopwatch.GetTimestamp();
            samples.Add(now - last);
            last = now;
        }
        while (last < end && !samples.IsFull);

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start, last));
    }

    /// <summary>A call each 10 us, without sleeping: a delay of the server meets one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Measurement RunWatch(TimeSpan duration, Samples samples)
    {
        samples.Clear();
        _delayed = 0;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long before = start;
        do
        {
            Call(FleetHandler.Echo);
            long took = Stopwatch.GetTimestamp() - before;
            samples.Add(took);
            _delayed += took > s_delayedTicks ? 1 : 0;
            long next = before + s_paceTicks;
            do
            {
                before = Stopwatch.GetTimestamp();
            }
            while (before < next);
        }
        while (before < end && !samples.IsFull);

        Measurement measured = Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start));
        _longestNs = samples.PercentileNs(100);
        return measured;
    }

    /// <summary>Calls whose handler sleeps for <paramref name="microseconds"/>, one after the other; one at least.</summary>
    private Measurement RunSlow(int microseconds, TimeSpan duration)
    {
        Span<byte> request = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(request, microseconds);
        long start = Stopwatch.GetTimestamp();
        long count = 0;
        do
        {
            CallResult result = _endpoint.Call(FleetHandler.Slow, request, _reply);
            Check(result.IsOk && _reply.AsSpan(0, result.Length).SequenceEqual(request));
            count++;
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        return Measurement.OfThroughput(count, Stopwatch.GetElapsedTime(start));
    }

    private void Call(uint operation)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        CallResult result = _endpoint.Call(operation, _request, _reply);
        Check(result.IsOk && result.Length == GangwayCallClient.PayloadBytes);
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }
}
