// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>How long each of 100 normal sources waits for its packet, beside one that storms.</summary>
internal sealed class StormWatch : IDisposable
{
    private const int Normal = 100;
    private const ulong StormKey = Normal;

    // 2^20 samples of 100 ns are 100 ms at least; a round ends when they are full.
    private const int SampleCapacity = 1 << 20;

    private readonly EventPort _port = new();
    private readonly Notification[] _sources = new Notification[Normal];
    private readonly long[] _signalled = new long[Normal];
    private readonly Packet[] _packets = new Packet[64];
    private readonly Samples _samples = new(SampleCapacity);
    private readonly Storm _storm;
    private long _waits;
    private long _stormPackets;

    /// <summary>Binds all of them.</summary>
    public StormWatch()
    {
        for (int i = 0; i < Normal; i++)
        {
            _sources[i] = new Notification();
            _port.Bind(_sources[i], (ulong)i, BoundNotifications.Edge);
        }

        var storming = new Notification();
        _port.Bind(storming, StormKey, new BindingOptions { Mode = TriggerMode.Acknowledge });
        _storm = new Storm(storming);
    }

    /// <summary>Packets of the storm for each wait of the last round: near 1, or it did not storm.</summary>
    public double StormPacketsPerWait => (double)_stormPackets / _waits;

    /// <summary>Signals so many at a time, waits for all of them, and so on; a sample is from signal to packet.</summary>
    public Measurement Run(TimeSpan duration, int atATime, bool isStorming)
    {
        _storm.Set(isStorming);
        WaitForStorm(isStorming);
        _samples.Clear();
        _waits = _stormPackets = 0;
        long start = Stopwatch.GetTimestamp();
        for (int next = 0; Stopwatch.GetElapsedTime(start) < duration && _samples.Count < SampleCapacity - atATime;)
        {
            for (int i = 0; i < atATime; i++)
            {
                _signalled[next] = Stopwatch.GetTimestamp();
                _sources[next].Signal(1);
                next = (next + 1) % Normal;
            }

            for (int left = atATime; left > 0;)
            {
                left -= Take();
            }
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _storm.Set(false);
        return Measurement.OfCalls(_samples, elapsed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _storm.Dispose();
        _port.Dispose();
    }

    private void WaitForStorm(bool isStorming)
    {
        long before = _storm.Signals;
        while (isStorming && _storm.Signals == before)
        {
            Thread.Yield();
        }
    }

    /// <summary>One wait.</summary>
    /// <returns>How many packets were of normal sources.</returns>
    private int Take()
    {
        int count = _port.Wait(_packets);
        _waits++;
        long now = Stopwatch.GetTimestamp();
        int normal = 0;
        for (int i = 0; i < count; i++)
        {
            if (_packets[i].Key == StormKey)
            {
                _stormPackets++;
                _packets[i].Binding.Acknowledge();
            }
            else
            {
                _samples.Add(now - _signalled[_packets[i].Key]);
                normal++;
            }
        }

        return normal;
    }
}
