// SPDX-License-Identifier: MIT

using Gangway.Bench.Roles;

namespace Gangway.Bench.Harness;

/// <summary>One server process and many connections to it, in as few client processes as their limits ask for.</summary>
/// <remarks>
/// The processes open a slice each in turn, so that the connections of any one of them lie scattered over the
/// server's tables. All that are used belong to the first process, see <see cref="Caller"/>.
/// </remarks>
internal sealed class Fleet : IDisposable
{
    // A process may have 20,000 descriptors and 65,530 mappings here; a connection takes one and two of them.
    private const int ConnectionsPerProcess = 5000;
    private const int Slice = 250;

    private readonly ScratchDirectory _scratch = new();
    private readonly List<Child> _clients = [];
    private readonly string _mechanism;
    private readonly string _address;

    private Fleet(string mechanism)
    {
        _mechanism = mechanism;
        try
        {
            Server = Child.Start(Placement.Unpinned.Server, Mechanism.Environment(mechanism), Role.Server, mechanism, _scratch.Path);
            _address = Server.Listen();
        }
        catch
        {
            Server?.Dispose();
            _scratch.Dispose();
            throw;
        }
    }

    /// <summary>The process that replies.</summary>
    public Child Server { get; }

    /// <summary>The client process whose connections are used.</summary>
    public Child Caller => _clients[0];

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>The path of the server's socket.</summary>
    public string SocketPath => Path.Combine(_scratch.Path, "fleet");

    /// <summary>Starts a server, and one client process with the first connections.</summary>
    public static Fleet Start(string mechanism, int connections)
    {
        var fleet = new Fleet(mechanism);
        try
        {
            fleet.Grow(connections);
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    /// <summary>Opens connections until there are <paramref name="total"/>.</summary>
    /// <returns>How long the client processes were at it.</returns>
    public TimeSpan Grow(int total)
    {
        Progress.Say($"{_mechanism}: {Connections} connections, going to {total}");
        int[] rooms = new int[(total + ConnectionsPerProcess - 1) / ConnectionsPerProcess];
        Array.Fill(rooms, ConnectionsPerProcess);
        int place = Connections;
        for (int i = 0; i < rooms.Length && place > 0; i++)
        {
            int used = Math.Min(place, ConnectionsPerProcess);
            rooms[i] -= used;
            place -= used;
        }

        while (_clients.Count < rooms.Length)
        {
            _clients.Add(StartClient());
        }

        long ticks = 0;
        while (Connections < total)
        {
            for (int i = 0; i < rooms.Length && Connections < total; i++)
            {
                int some = Math.Min(Math.Min(Slice, rooms[i]), total - Connections);
                if (some == 0)
                {
                    continue;
                }

                ticks += Measurement.Parse(_clients[i].Ask(Command($"open {some}"))).Elapsed.Ticks;
                rooms[i] -= some;
                Connections += some;
            }
        }

        double connected = AwaitConnected();
        return connected >= total
            ? TimeSpan.FromTicks(ticks)
            : throw new BenchmarkException($"The server has {connected} connections instead of {total}.");
    }

    /// <summary>One more client process, without connections; it is whose who asked for it.</summary>
    public Child StartClient()
    {
        Child client = Child.Start(Placement.Unpinned.Client, Mechanism.Environment(_mechanism), Role.Client, _mechanism, _address);
        try
        {
            client.Listen();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Has every client process do something, one after the other.</summary>
    public void AskAll(string command)
    {
        foreach (Child client in _clients)
        {
            client.Ask(command);
        }
    }

    /// <summary>One round of the caller.</summary>
    public Measurement Run(FormattableString command) => Measurement.Parse(Caller.Ask(Command(command)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Child client in _clients)
        {
            client.Dispose();
        }

        Server.Dispose();
        _scratch.Dispose();
    }

    private static string Command(FormattableString command) => FormattableString.Invariant(command);

    /// <summary>The last clients may have heard that they are connected before the server counts them.</summary>
    private double AwaitConnected()
    {
        double connected = Server.AskNumber("counter connected");
        for (int i = 0; i < 100 && connected < Connections; i++)
        {
            Thread.Sleep(10);
            connected = Server.AskNumber("counter connected");
        }

        return connected;
    }
}
