// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gangway.Bench.Peers;

/// <summary>A .NET TCP socket on the loopback interface, blocking, without Nagle's delay: the asking side.</summary>
internal sealed class TcpClient(string port) : SocketClient(
    new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
    new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)));
