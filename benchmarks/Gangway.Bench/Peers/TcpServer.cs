// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gangway.Bench.Peers;

/// <summary>A .NET TCP socket on the loopback interface, blocking, without Nagle's delay: the replying side.</summary>
internal sealed class TcpServer : SocketServer
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TcpServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        Address = ((IPEndPoint)_listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
        StartThread(() => ServeOne(_listener));
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();
}
