// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory, default options but for the number of connections: the replying side of a fleet.</summary>
internal sealed class GangwayFleetServer : Server
{
    private const int ConnectionsMax = 19_000;

    private readonly Listener _listener;

    public GangwayFleetServer(string directory)
    {
        // With a path, because the clients in C know no names.
        Address = $"shm:{Path.Combine(directory, "fleet")}";
        _listener = Domain.Listen(Address, new FleetHandler(), new ListenerOptions { MaxConnections = ConnectionsMax });
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override long Counter(string name) => name switch
    {
        "connected" => _listener.Statistics.Connected,
        "accepted" => _listener.Statistics.Accepted,
        "refused" => _listener.Statistics.Refused,
        "faults" => _listener.Statistics.PeerFaults,
        _ => ReactorCounters.Read(_listener, name)
            ?? throw new BenchmarkException($"Unknown counter '{name}'."),
    };

    /// <inheritdoc/>
    public override string? Do(string[] command) =>
        command[0] == "has" ? (ReactorCounters.Read(_listener, command[1]) is null ? "no" : "yes") : null;

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();
}
