// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Names;

/// <summary>Two processes want one name at the same moment.</summary>
[Trait("Soak", "yes")]
public sealed class NameRaceTests(ITestOutputHelper output)
{
    [Rule("SH-09")]
    [Fact]
    public void Listen_TwoProcessesAtOnce_ExactlyOneWins()
    {
        using var room = new JournalRoom();
        using ChildProcess first = PeerProgram.Start("race", room.Address, room.JournalPath);
        using ChildProcess second = PeerProgram.Start("race", room.Address, room.JournalPath);
        first.ReadLineStarting("ready");
        second.ReadLineStarting("ready");
        using var prober = new Prober(room.Address);

        int rounds = TestLevel.Pick(20, 100, 10_000);
        var wins = new int[2];
        for (int round = 1; round <= rounds; round++)
        {
            room.Journal[1, JournalWord.Posted] = round; // Both look at this word.
            string[] answers = [first.ReadLine(), second.ReadLine()];
            string number = round.ToString(CultureInfo.InvariantCulture);
            int winner = Array.IndexOf(answers, "won " + number);
            Assert.True(winner >= 0, string.Join("; ", answers));
            Assert.StartsWith($"lost {number} InUse ", answers[1 - winner], StringComparison.Ordinal);
            wins[winner]++;

            ChildProcess server = winner == 0 ? first : second;
            using (Endpoint client = Domain.Connect(room.Address)) // From the moment that Listen returned.
            {
                Assert.Equal(server.Id, client.Peer!.ProcessId);
            }

            server.WriteLine("release");
            Assert.Equal("released", server.ReadLine());
        }

        string[] folder = [.. System.IO.Directory.GetFiles(Path.GetDirectoryName(room.SocketPath)!).Select(Path.GetFileName).OfType<string>()];
        Assert.DoesNotContain(folder, static file => file.StartsWith("server.", StringComparison.Ordinal) && file != "server.lock");
        output.WriteLine($"{rounds} rounds, won {wins[0]} : {wins[1]}; connecting meanwhile: {prober.Stop()}");
    }

    /// <summary>
    /// Connects all the time. It may find a server, nothing, or one that is closing; never a path where nobody listens yet.
    /// </summary>
    private sealed class Prober : IDisposable
    {
        private readonly ConcurrentDictionary<string, int> _outcomes = new();
        private readonly ConcurrentQueue<string> _complaints = new();
        private readonly Thread _thread;
        private volatile bool _stop;

        public Prober(string address)
        {
            _thread = new Thread(() => Run(address)) { IsBackground = true, Name = "prober" };
            _thread.Start();
        }

        public string Stop()
        {
            Dispose();
            Assert.Empty(_complaints);
            return string.Join(", ", _outcomes.Select(static entry => $"{entry.Value} x {entry.Key}"));
        }

        public void Dispose()
        {
            _stop = true;
            Watchdog.Join(_thread);
        }

        private void Run(string address)
        {
            while (!_stop)
            {
                string outcome = "connected";
                try
                {
                    Domain.Connect(address).Dispose();
                }
                catch (GangwayException e)
                {
                    outcome = e.Error.ToString();

                    // A listener that closes takes its path away first, then refuses or drops who has connected already.
                    if (e.Error is not (ConnectError.NotFound or ConnectError.Overloaded or ConnectError.HandshakeFailed))
                    {
                        _complaints.Enqueue(e.Message);
                    }
                }

                _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
            }
        }
    }
}
