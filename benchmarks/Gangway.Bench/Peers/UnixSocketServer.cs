// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Bench.Peers;

/// <summary>A .NET Unix stream socket, blocking: the replying side.</summary>
internal sealed class UnixSocketServer : SocketServer
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public UnixSocketServer(string directory)
    {
        Address = Path.Combine(directory, "peer");
        _listener.Bind(new UnixDomainSocketEndPoint(Address));
        _listener.Listen(1);
        StartThread(() => ServeOne(_listener));
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();
}
