// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory with default options: the replying side.</summary>
internal sealed class GangwayServer : Server
{
    // A name's lock file outlives its server, so the names are few and used again; more than one are needed
    // when two benchmarks run at a time.
    private const int Names = 16;

    private readonly EchoHandler _handler = new();
    private readonly Listener _listener;

    public GangwayServer() => (_listener, Address) = Listen(_handler);

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override long Counter(string name) => GangwayCounters.Read(_handler.Endpoint, name);

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();

    private static (Listener Listener, string Address) Listen(EchoHandler handler)
    {
        for (int number = 0; ; number++)
        {
            string address = string.Create(CultureInfo.InvariantCulture, $"shm:gangway-bench-{number}");
            try
            {
                return (Domain.Listen(address, handler), address);
            }
            catch (GangwayException taken) when (taken.Error == ConnectError.InUse && number + 1 < Names)
            {
                // Another benchmark serves it; the next name will do.
            }
        }
    }
}
