// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Process.Peer;

/// <summary>A plain socket, held for as long as the process lives: the other end sees when the kernel took it back.</summary>
internal static class WitnessConnection
{
    private const int DescriptorsBelow = 100;

    /// <summary>Connects, and says who we are. Dispose the result last.</summary>
    public static Socket Open(string path)
    {
        // A dying process's descriptors go highest first: ours is above all that are opened later.
        var below = new List<Socket>();
        for (int i = 0; i < DescriptorsBelow; i++)
        {
            below.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        below.ForEach(static other => other.Dispose());
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(BitConverter.GetBytes(Environment.ProcessId));
        return socket;
    }
}
