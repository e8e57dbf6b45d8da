// SPDX-License-Identifier: MIT

using Gangway.Process.Tests.Hostile;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Ending;

/// <summary>Clients that are stopped in the middle of their calls: nobody waits for them, and they go on where they were.</summary>
public sealed class StoppedClientsTests(ITestOutputHelper output)
{
    [Rule("SH-11")]
    [NeedsFact(Need.Gcc)]
    public void Clients_HundredStoppedMidCall_OthersGoOnAndSoDoTheyLater()
    {
        int clients = TestLevel.Pick(quick: 20, normal: 100, soak: 500);
        using var server = new PeerServer();
        using var victim = new Victim(server.Address, Seed.Take(output).Random());
        var stopped = new List<ChildProcess>();
        try
        {
            // They call and send without end, and check each answer. One after the other is stopped wherever it is by then.
            for (int i = 0; i < clients; i++)
            {
                stopped.Add(ChildProcess.Start(HostilePrograms.Honest, server.SocketPath, "mixed", "0"));
                stopped[i].ReadLineStarting("connected");
                ProcessSignals.Stop(stopped[i]);
            }

            // More than the ring has room for, several times over: nothing of it waits for the stopped.
            long before = victim.Calls;
            int calls = TestLevel.Pick(quick: 2_000, normal: 20_000, soak: 1_000_000);
            Watchdog.Until(() => victim.Calls > before + calls, "the calls of one that is not stopped");
            using (Endpoint another = Patient.Connect(server.Address))
                Assert.True(another.Call(1, [], []).IsOk);
            Watchdog.Until(() => server.Counts().Connected == clients + 1, "the end of that one");
            Assert.Equal(0L, server.Counts().PeerFaults);
            long[] charged = server.Charged();
            output.WriteLine($"charged meanwhile: {string.Join(' ', charged)}");
            Assert.Equal(clients + 1, charged[0]);

            // None of them ends: each finds the right answer to the call in which it was stopped, and calls on.
            foreach (ChildProcess client in stopped)
            {
                ulong read = SwitchesOf(client);
                ProcessSignals.Continue(client);
                Watchdog.Until(() => client.HasExited || SwitchesOf(client) > read + 2, "the client going on");
                Assert.False(client.HasExited, "it ended after it was stopped");
                ProcessSignals.Stop(client);
            }
        }
        finally
        {
            stopped.ForEach(static client => client.Dispose());
        }

        Watchdog.Until(() => server.Counts().Connected == 1, "the end of the stopped ones' connections");
        victim.AssertUndisturbed();
        Assert.Equal([1, 57_344, 0, 2, 2, 0], server.Charged());
    }

    // How often it left the processor: somebody who waits for ever does not.
    private static ulong SwitchesOf(ChildProcess process) => ulong.Parse(
        File.ReadLines($"/proc/{process.Id}/status").First(static line => line.StartsWith("voluntary_ctxt_switches", StringComparison.Ordinal)).Split('\t')[1],
        System.Globalization.CultureInfo.InvariantCulture);
}
