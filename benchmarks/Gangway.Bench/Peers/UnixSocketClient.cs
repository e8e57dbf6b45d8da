// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Bench.Peers;

/// <summary>A .NET Unix stream socket, blocking: the asking side.</summary>
internal sealed class UnixSocketClient(string address) : SocketClient(
    new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
    new UnixDomainSocketEndPoint(address));
