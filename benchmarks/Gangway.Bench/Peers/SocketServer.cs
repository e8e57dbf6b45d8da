// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A blocking socket server that echoes 64 bytes at a time, whatever the address family.</summary>
internal abstract class SocketServer : Server
{
    /// <summary>Request and reply.</summary>
    public const int MessageBytes = 64;

    /// <summary>Reads until <paramref name="buffer"/> is full; false when the peer has closed.</summary>
    public static bool ReceiveAll(Socket socket, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int got = socket.Receive(buffer);
            if (got == 0)
            {
                return false;
            }

            buffer = buffer[got..];
        }

        return true;
    }

    /// <summary>Accepts one connection on <paramref name="listener"/> and echoes until it is closed.</summary>
    protected static void ServeOne(Socket listener)
    {
        using Socket socket = listener.Accept();
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }

        byte[] buffer = new byte[MessageBytes];
        while (ReceiveAll(socket, buffer))
        {
            socket.Send(buffer);
        }
    }
}
