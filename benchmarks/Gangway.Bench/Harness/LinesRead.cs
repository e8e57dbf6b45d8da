// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Harness;

/// <summary>How many lines a server's reactor read in each turn, over some rounds, by its own public statistics.</summary>
internal sealed class LinesRead(Child server)
{
    private readonly bool _isCounted = server.Ask("has lines") == "yes";
    private double _lines;
    private double _turns;

    /// <summary>A round begins.</summary>
    public void Begin() => Add(-1);

    /// <summary>The round has ended.</summary>
    public void End() => Add(1);

    /// <summary>Prints the figure, if the server counts.</summary>
    public void Print(string name)
    {
        if (_isCounted)
        {
            Figures.Value(name, _lines / _turns, "F3", "lines/turn");
        }
        else
        {
            Progress.Say($"{name}: not counted by this server");
        }
    }

    private void Add(int sign)
    {
        if (_isCounted)
        {
            _lines += sign * server.AskNumber("counter lines");
            _turns += sign * server.AskNumber("counter turns");
        }
    }
}
