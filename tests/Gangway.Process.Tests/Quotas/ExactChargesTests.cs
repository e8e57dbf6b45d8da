// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Tests.Hostile;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Quotas;

/// <summary>What the listener says that it charges is what the kernel says that it has.</summary>
public sealed class ExactChargesTests(ITestOutputHelper output)
{
    private const long ConnectionBytes = 57_344;

    // Clients connect several times, close, or are killed with or without a child that keeps their memory. After each step
    // the counters are compared with /proc: nothing is charged that is not there, and nothing is there that is not charged.
    [Rule("SH-07")]
    [Rule("SE-03")]
    [NeedsFact(Need.None)]
    public void Charges_AfterRandomConnectsAndKills_AreWhatTheKernelSays()
    {
        Random random = Seed.Take(output).Random();
        using var server = new PeerServer();
        using (ChildProcess first = Start(server, 1))
            first.Kill();
        Watchdog.Until(() => server.Charged()[0] == 0, "the first client's end");
        server.Ask("collect");
        int descriptors = server.ConnectionDescriptors().Length;
        long mappings = server.Number("maps");
        var clients = new List<(ChildProcess Process, int Connections)>();
        int steps = TestLevel.Pick(quick: 8, normal: 25, soak: 1_000);
        for (int step = 0; step < steps; step++)
        {
            if (clients.Count < 6 && random.Next(3) != 0)
            {
                int count = random.Next(1, 6);
                clients.Add((Start(server, count), count));
            }
            else if (clients.Count != 0)
            {
                int index = random.Next(clients.Count);
                if (random.Next(2) == 0)
                    clients[index].Process.Kill();
                else
                    clients[index].Process.CloseInput(); // It disposes its endpoints, and says that it unmapped.
                clients[index].Process.WaitForExit();
                clients[index].Process.Dispose();
                clients.RemoveAt(index);
            }

            int connections = clients.Sum(static client => client.Connections);
            long[] expected = [connections, connections * ConnectionBytes, 0, 2 * connections, connections + clients.Count, 0];
            Watchdog.Until(() => server.Charged().SequenceEqual(expected), $"charges of step {step}: {server.Ask("charged")}, expected {string.Join(' ', expected)}");
            server.Ask("collect");
            Watchdog.Until(() => server.ConnectionDescriptors().Length == descriptors + expected[4],
                $"{descriptors} + {expected[4]} descriptors of step {step}, there are {string.Join(' ', server.ConnectionDescriptors())}");
            Assert.Equal(mappings + expected[3], server.Number("maps"));
        }

        clients.ForEach(static client => client.Process.Dispose());
        Watchdog.Until(() => server.Charged().All(static charge => charge == 0), "everything coming back");
    }

    // The side that ends it is the server: the clients' last words still come, though the connections are over.
    [Rule("SH-07")]
    [Fact]
    public void Server_ThatEndsItsConnections_HearsThatTheyAreUnmapped()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("server");
        var handler = new ClosingHandler();
        using Listener listener = Domain.Listen(address, handler, new ListenerOptions { MaxBytesPerUser = 3 * ConnectionBytes });
        int rounds = TestLevel.Pick(quick: 200, normal: 2_000, soak: 50_000);
        for (int i = 0; i < rounds; i++)
        {
            using Endpoint client = Patient.Connect(address);
            client.Call(1, [], []);
            Watchdog.Until(() => client.State == EndpointState.Destroyed, "the end");
            Watchdog.Until(() => listener.Statistics.Charged == default, $"the last word of round {i}: {listener.Statistics.Charged}");
        }

        Assert.Equal(rounds, listener.Statistics.Accepted);
    }

    private static ChildProcess Start(PeerServer server, int connections)
    {
        ChildProcess client = PeerProgram.Start("connect", server.Address, connections.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < connections; i++)
            client.ReadLineStarting("connected");
        return client;
    }

    private sealed class ClosingHandler : EndpointHandler
    {
        public override void OnTransaction(Endpoint endpoint, Transaction transaction) => endpoint.Dispose();
    }
}
