// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A blocking socket client, whatever the address family.</summary>
internal abstract class SocketClient : CallingClient
{
    private readonly Socket _socket;
    private readonly byte[] _request = new byte[SocketServer.MessageBytes];
    private readonly byte[] _reply = new byte[SocketServer.MessageBytes];
    private long _calls;

    protected SocketClient(Socket socket, EndPoint address)
    {
        _socket = socket;
        _socket.Connect(address);
    }

    /// <inheritdoc/>
    public override void Call()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        _socket.Send(_request);
        Check(SocketServer.ReceiveAll(_socket, _reply));
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }

    /// <inheritdoc/>
    public override void Dispose() => _socket.Dispose();
}
