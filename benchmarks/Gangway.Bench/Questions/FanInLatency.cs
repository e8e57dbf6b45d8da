// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>Does a call take longer when it goes to one of 10,000 connections?</summary>
internal static class FanInLatency
{
    /// <summary>Connections of the large server.</summary>
    public const int Many = 10_000;

    /// <summary>Connections of the small server, and active ones of the large.</summary>
    public const int Few = 100;

    /// <summary>Prints the figures of latency.</summary>
    public static void Answer(Effort effort, Fleet small, Fleet large)
    {
        Hot(effort, small, large);
        Natural(effort, large);
        Parked(effort, small, large);
    }

    private static void Hot(Effort effort, Fleet small, Fleet large)
    {
        Progress.Say("rounds, awake connections");
        var rounds = new Rounds(small, large);
        rounds.Run(1, (fleet, active) => $"hot {active} {effort.WarmUp.TotalMilliseconds:F0}");
        rounds = new Rounds(small, large);
        rounds.Run(effort.Rounds, (fleet, active) => $"hot {active} {effort.Round.TotalMilliseconds:F0}");

        Figures.Ns("fanin.100.hot1.p50", rounds.OneOfFew.P50Ns);
        Figures.Ns("fanin.100.hot100.p50", rounds.AllOfFew.P50Ns);
        Figures.Ns("fanin.10000.hot1.p50", rounds.OneOfMany.P50Ns);
        Figures.Ns("fanin.10000.hot100.p50", rounds.SomeOfMany.P50Ns);
        Figures.Value("fanin.10000.hot100.rings_per_call", rounds.RingsOfManyPerCall, "F4", "rings/call");
        rounds.PrintLines("hot");
        Figures.Ratio("fanin.10000.hot_over_100of100", rounds.SomeOfMany.P50Ns / rounds.AllOfFew.P50Ns);
        Figures.Ratio("fanin.10000.hot_over_100", rounds.SomeOfMany.P50Ns / rounds.OneOfFew.P50Ns);
    }

    private static void Parked(Effort effort, Fleet small, Fleet large)
    {
        Progress.Say("rounds, parked connections");
        var rounds = new Rounds(small, large);
        rounds.Run(effort.Rounds, (fleet, active) => $"parked {active} {effort.PacedCalls / 2}");
        Figures.Ns("fanin.100.parked1.p50", rounds.OneOfFew.P50Ns);
        Figures.Ns("fanin.100.parked100.p50", rounds.AllOfFew.P50Ns);
        Figures.Ns("fanin.10000.parked1.p50", rounds.OneOfMany.P50Ns);
        Figures.Ns("fanin.10000.parked100.p50", rounds.SomeOfMany.P50Ns);
        Figures.Value("fanin.10000.parked100.rings_per_call", rounds.RingsOfManyPerCall, "F4", "rings/call");
        Figures.Ratio("fanin.10000.parked_over_100", rounds.SomeOfMany.P50Ns / rounds.OneOfFew.P50Ns);
    }

    /// <summary>One call at a time over random ones of the 100, without anything else to keep them awake.</summary>
    private static void Natural(Effort effort, Fleet large)
    {
        var series = new Series();
        var lines = new LinesRead(large.Server);
        long rings = 0;
        for (int round = 0; round < effort.Rounds; round++)
        {
            lines.Begin();
            series.Add(large.Run($"natural {Few} {effort.Round.TotalMilliseconds:F0}"));
            lines.End();
            rings += (long)large.Caller.AskNumber("counter rings");
        }

        Figures.Ns("fanin.10000.natural100.p50", series.P50Ns);
        Figures.Value("fanin.10000.natural100.rings_per_call", (double)rings / series.Count, "F4", "rings/call");
        lines.Print("fanin.10000.lines_per_turn");
    }

    /// <summary>The same work in four arrangements, round after round.</summary>
    private sealed class Rounds(Fleet small, Fleet large)
    {
        private readonly LinesRead _linesOfOne = new(large.Server);
        private readonly LinesRead _linesOfSome = new(large.Server);
        private long _rings;

        /// <summary>1 active of 100.</summary>
        public Series OneOfFew { get; } = new();

        /// <summary>100 active of 100.</summary>
        public Series AllOfFew { get; } = new();

        /// <summary>1 active of 10,000.</summary>
        public Series OneOfMany { get; } = new();

        /// <summary>100 active of 10,000.</summary>
        public Series SomeOfMany { get; } = new();

        /// <summary>Bells of the caller for each call over 100 of 10,000.</summary>
        public double RingsOfManyPerCall => (double)_rings / SomeOfMany.Count;

        public void Run(int rounds, Func<Fleet, int, FormattableString> command)
        {
            for (int round = 0; round < rounds; round++)
            {
                OneOfFew.Add(small.Run(command(small, 1)));
                _linesOfSome.Begin();
                SomeOfMany.Add(large.Run(command(large, Few)));
                _linesOfSome.End();
                _rings += (long)large.Caller.AskNumber("counter rings");
                AllOfFew.Add(small.Run(command(small, Few)));
                _linesOfOne.Begin();
                OneOfMany.Add(large.Run(command(large, 1)));
                _linesOfOne.End();
            }
        }

        /// <summary>Prints what the server's reactor read in each turn.</summary>
        public void PrintLines(string name)
        {
            _linesOfOne.Print($"fanin.10000.{name}1.lines_per_turn");
            _linesOfSome.Print($"fanin.10000.{name}100.lines_per_turn");
        }
    }
}
