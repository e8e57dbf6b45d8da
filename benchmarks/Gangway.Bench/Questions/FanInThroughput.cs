// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How many requests in a second of many connections, of which one in a hundred is active?</summary>
internal static class FanInThroughput
{
    /// <summary>Connections of the largest server.</summary>
    public const int Many = 15_000;

    private const int Beside = 1000;
    private const int ActiveOneIn = 100;

    /// <summary>Requests outstanding on each active connection: as the peers in the books are measured, and pipelined.</summary>
    private const int One = 1;
    private const int Pipelined = 16;

    /// <summary>Prints the figures of 15,000 connections.</summary>
    public static void AnswerMany(Effort effort, Fleet fleet)
    {
        Progress.Say($"rounds, full rate, {fleet.Connections} connections");
        Figures.Rate("fanin.15000.requests_per_s", Alone(effort, fleet, One).PerSecond, "requests");
        Figures.Rate("fanin.15000.window16.requests_per_s", Alone(effort, fleet, Pipelined).PerSecond, "requests");
    }

    /// <summary>Prints the figures of 1,000 connections, beside the same work over Unix sockets.</summary>
    public static void AnswerBesidePeer(Effort effort)
    {
        using Fleet ours = Fleet.Start(Mechanism.Fleet, Beside);
        using Fleet peer = Fleet.Start(Mechanism.UnixSocketFleet, Beside);
        Progress.Say($"rounds, full rate, {Beside} connections");
        Print(effort, ours, peer, One, "fanin.1000.");
        Print(effort, ours, peer, Pipelined, "fanin.1000.window16.");
    }

    private static void Print(Effort effort, Fleet ours, Fleet peer, int window, string name)
    {
        Round(effort, ours, window);
        Round(effort, peer, window);
        var oursSeries = new Series();
        var peerSeries = new Series();
        for (int round = 0; round < effort.Rounds; round++)
        {
            oursSeries.Add(Round(effort, ours, window));
            peerSeries.Add(Round(effort, peer, window));
        }

        Figures.Rate(name + "requests_per_s", oursSeries.PerSecond, "requests");
        Figures.Rate(name + "uds.requests_per_s", peerSeries.PerSecond, "requests");
        Figures.Ratio(name + "over_uds", oursSeries.PerSecond / peerSeries.PerSecond);
    }

    private static Series Alone(Effort effort, Fleet fleet, int window)
    {
        Round(effort, fleet, window);
        var series = new Series();
        for (int round = 0; round < effort.Rounds; round++)
        {
            series.Add(Round(effort, fleet, window));
        }

        return series;
    }

    private static Measurement Round(Effort effort, Fleet fleet, int window) =>
        fleet.Run($"full {fleet.Connections / ActiveOneIn} {window} {effort.BusyRound.TotalMilliseconds:F0}");
}
