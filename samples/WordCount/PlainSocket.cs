// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Samples.WordCount;

/// <summary>The same round trip as anybody would do it today: a Unix socket and two blocking calls a side.</summary>
internal static class PlainSocket
{
    /// <summary>Sends back whatever comes, to one client.</summary>
    internal static void Serve(Socket listening, int bytes)
    {
        using Socket client = listening.Accept();
        byte[] buffer = new byte[bytes];
        while (TryReceive(client, buffer))
            client.Send(buffer);
    }

    internal static Socket Listen(string path)
    {
        var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(path));
        listening.Listen(1);
        return listening;
    }

    internal static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    internal static void RoundTrip(Socket socket, byte[] buffer)
    {
        socket.Send(buffer);
        if (!TryReceive(socket, buffer))
            throw new IOException("The plain socket ended.");
    }

    private static bool TryReceive(Socket socket, Span<byte> buffer)
    {
        while (buffer.Length != 0)
        {
            int count = socket.Receive(buffer);
            if (count == 0)
                return false;
            buffer = buffer[count..];
        }

        return true;
    }
}
