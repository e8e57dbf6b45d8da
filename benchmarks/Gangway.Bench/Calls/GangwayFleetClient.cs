// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Many Gangway connections of one process, of which some are used.</summary>
internal sealed class GangwayFleetClient(string address) : FleetClient
{
    private const int OpeningThreads = 8;
    private const int TimedCallsPerCycle = 8;

    // A machine that is busy with other things may be slow to connect thousands; that is no reason to end a long run.
    private static readonly EndpointOptions s_options = new() { ConnectTimeout = TimeSpan.FromSeconds(20) };

    private readonly List<Endpoint> _endpoints = [];
    private readonly byte[] _request = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _reply = new byte[GangwayCallClient.PayloadBytes];
    private readonly Random _random = new(20261121);
    private long _calls;
    private long _ringsOfRound;

    /// <inheritdoc/>
    public override Measurement Open(int connections)
    {
        var opened = new Endpoint[connections];
        int next = -1;
        long start = Stopwatch.GetTimestamp();
        var threads = new Thread[OpeningThreads];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(OpenSome) { Name = "bench open" };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _endpoints.AddRange(opened);
        return Measurement.OfThroughput(connections, elapsed);

        void OpenSome()
        {
            for (int i = Interlocked.Increment(ref next); i < opened.Length; i = Interlocked.Increment(ref next))
            {
                opened[i] = Domain.Connect(address, options: s_options);
            }
        }
    }

    /// <inheritdoc/>
    public override Measurement RunFull(int active, int window, TimeSpan duration) =>
        new WindowDriver(Choose(active), window, FleetHandler.Echo).Run(duration);

    /// <inheritdoc/>
    public override string? Do(string[] command, Samples samples)
    {
        switch (command[0])
        {
            case "touch":
                TouchAll();
                return "ok";
            case "hot":
                return RunHot(Number(command[1]), Milliseconds(command[2]), samples).ToLine();
            case "natural":
                return RunNatural(Number(command[1]), Milliseconds(command[2]), samples).ToLine();
            case "parked":
                return RunParked(Number(command[1]), Number(command[2]), samples).ToLine();
            default:
                return base.Do(command, samples);
        }
    }

    /// <inheritdoc/>
    public override long Counter(string name) =>
        name == "rings" ? _ringsOfRound : throw new BenchmarkException($"Unknown counter '{name}'.");

    /// <inheritdoc/>
    public override void Dispose()
    {
        // The process ends now, and its connections with it: closing 5,000 one by one would only take time.
    }

    /// <summary>One call over each connection, so that what is made at first use has been made.</summary>
    private void TouchAll()
    {
        foreach (Endpoint endpoint in _endpoints)
        {
            Call(endpoint);
        }
    }

    /// <summary>One call at a time over connections that the server polls: a message on each before every few calls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Measurement RunHot(int active, TimeSpan duration, Samples samples)
    {
        Endpoint[] chosen = Choose(active);
        HotCycles(chosen, duration / 4, samples);
        long rings = Rings(chosen);
        TimeSpan elapsed = HotCycles(chosen, duration, samples);
        _ringsOfRound = Rings(chosen) - rings;
        return Measurement.OfCalls(samples, elapsed);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TimeSpan HotCycles(Endpoint[] chosen, TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        do
        {
            foreach (Endpoint endpoint in chosen)
            {
                Check(endpoint.Send(FleetHandler.Note, _request.AsSpan(0, sizeof(long))) == Status.Ok);
            }

            // Two calls that are not counted: when they are answered, the messages are out of the way.
            Call(chosen[^1]);
            Call(chosen[0]);
            for (int i = 0; i < TimedCallsPerCycle && !samples.IsFull; i++)
            {
                Endpoint endpoint = chosen[_random.Next(chosen.Length)];
                long before = Stopwatch.GetTimestamp();
                Call(endpoint);
                samples.Add(Stopwatch.GetTimestamp() - before);
            }
        }
        while (Stopwatch.GetTimestamp() < end && !samples.IsFull);

        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>One call at a time over random connections, and nothing else: they stay awake if that is enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Measurement RunNatural(int active, TimeSpan duration, Samples samples)
    {
        Endpoint[] chosen = Choose(active);
        samples.Clear();
        long rings = Rings(chosen);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long before;
        do
        {
            Endpoint endpoint = chosen[_random.Next(chosen.Length)];
            before = Stopwatch.GetTimestamp();
            Call(endpoint);
            samples.Add(Stopwatch.GetTimestamp() - before);
        }
        while (before < end && !samples.IsFull);

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _ringsOfRound = Rings(chosen) - rings;
        return Measurement.OfCalls(samples, elapsed);
    }

    /// <summary>One call at a time over random connections, asleep for a millisecond before each: the server sleeps too.</summary>
    private Measurement RunParked(int active, int calls, Samples samples)
    {
        Endpoint[] chosen = Choose(active);
        samples.Clear();
        long rings = Rings(chosen);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            Endpoint endpoint = chosen[_random.Next(chosen.Length)];
            Thread.Sleep(1);
            long before = Stopwatch.GetTimestamp();
            Call(endpoint);
            samples.Add(Stopwatch.GetTimestamp() - before);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _ringsOfRound = Rings(chosen) - rings;
        return Measurement.OfCalls(samples, elapsed);
    }

    private static long Rings(Endpoint[] endpoints)
    {
        long rings = 0;
        foreach (Endpoint endpoint in endpoints)
        {
            rings += endpoint.Statistics.Rings;
        }

        return rings;
    }

    private void Call(Endpoint endpoint)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        CallResult result = endpoint.Call(FleetHandler.Echo, _request, _reply);
        Check(result.IsOk && result.Length == GangwayCallClient.PayloadBytes);
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }

    /// <summary>So many random connections, other ones in each round.</summary>
    private Endpoint[] Choose(int active)
    {
        Endpoint[] all = [.. _endpoints];
        _random.Shuffle(all);
        return all[..active];
    }
}
