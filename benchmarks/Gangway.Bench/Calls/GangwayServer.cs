// SPDX-License-Identifier: MIT

using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory with default options: the replying side.</summary>
internal sealed class GangwayServer : Server
{
    private readonly EchoHandler _handler = new();
    private readonly Listener _listener;

    public GangwayServer()
    {
        Address = $"shm:gangway-bench-{Environment.ProcessId}";
        _listener = Domain.Listen(Address, _handler);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override long Counter(string name) => GangwayCounters.Read(_handler.Endpoint, name);

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();
}
