// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Samples.Exchange;

/// <summary>What the clients of one process counted. Also what it tells the exchange's screen, as a line of text.</summary>
internal sealed class Report
{
    private long _refused, _unknown, _turnedAway, _connected;

    /// <summary>From placing an order to its answer.</summary>
    internal Latencies Latencies { get; } = new();

    /// <summary>Orders that the exchange refused.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Orders without an answer in time.</summary>
    internal long Unknown => Volatile.Read(ref _unknown);

    /// <summary>Connections that were refused.</summary>
    internal long TurnedAway => Volatile.Read(ref _turnedAway);

    /// <summary>Clients that got in.</summary>
    internal long Connected => Volatile.Read(ref _connected);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountUnknown() => Interlocked.Increment(ref _unknown);

    internal void CountTurnedAway() => Interlocked.Increment(ref _turnedAway);

    internal void CountConnected() => Interlocked.Increment(ref _connected);

    internal void Add(string line)
    {
        string[] parts = line.Split(' ', 5);
        _refused += long.Parse(parts[0], CultureInfo.InvariantCulture);
        _unknown += long.Parse(parts[1], CultureInfo.InvariantCulture);
        _turnedAway += long.Parse(parts[2], CultureInfo.InvariantCulture);
        _connected += long.Parse(parts[3], CultureInfo.InvariantCulture);
        Latencies.Add(parts[4]);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Refused} {Unknown} {TurnedAway} {Connected} {Latencies}");
}
