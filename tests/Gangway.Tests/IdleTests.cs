// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Tests;

/// <summary>What many connections cost that say nothing. <c>./bench idle</c> and <c>./bench fanin</c> ask it of 10,000.</summary>
public class IdleTests(ITestOutputHelper output)
{
    private const int Connections = 200;

    [Fact]
    [Rule("SH-10")]
    [Rule("EV-20")]
    public void Listener_WithManySilentClients_SleepsAndReadsTheLinesOfTheOthersOnly()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo());
        Endpoint[] silent = [.. Enumerable.Range(0, Connections).Select(_ => Domain.Connect(pair.Listener.Address.Text))];
        try
        {
            Watchdog.Until(() => pair.Listener.Statistics.Connected == Connections + 1, "all clients");
            Assert.All(silent, static client => Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk));

            // Asleep: nothing turns, nobody looks. A window in which nothing may happen, not a wait for something.
            ReactorStatistics asleep = default;
            Watchdog.Until(
                () =>
                {
                    ReactorStatistics before = pair.Listener.ReactorStatistics;
                    Thread.Sleep(TestLevel.Pick(100, 300, 10_000));
                    asleep = pair.Listener.ReactorStatistics;
                    return asleep == before;
                },
                "the reactor's sleep");

            for (int i = 0; i < 10_000; i++)
                Assert.True(pair.Client.Call(1, [], []).IsOk);
            ReactorStatistics awake = pair.Listener.ReactorStatistics;
            double linesPerTurn = (double)(awake.LinesRead - asleep.LinesRead) / (awake.Turns - asleep.Turns);
            output.WriteLine($"{linesPerTurn:0.00} lines a turn");
            Assert.True(linesPerTurn <= 2, $"{linesPerTurn} lines a turn");
        }
        finally
        {
            Array.ForEach(silent, static client => client.Dispose());
        }
    }
}
