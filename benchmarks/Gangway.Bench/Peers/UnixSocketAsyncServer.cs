// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A .NET Unix stream socket, awaited: the replying side.</summary>
internal sealed class UnixSocketAsyncServer : Server
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public UnixSocketAsyncServer(string directory)
    {
        Address = Path.Combine(directory, "peer");
        _listener.Bind(new UnixDomainSocketEndPoint(Address));
        _listener.Listen(1);
        _ = Task.Run(ServeAsync);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <summary>Reads until <paramref name="buffer"/> is full; false when the peer has closed.</summary>
    public static async ValueTask<bool> ReceiveAllAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int got = await socket.ReceiveAsync(buffer).ConfigureAwait(false);
            if (got == 0)
            {
                return false;
            }

            buffer = buffer[got..];
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        using Socket socket = await _listener.AcceptAsync().ConfigureAwait(false);
        byte[] buffer = new byte[SocketServer.MessageBytes];
        while (await ReceiveAllAsync(socket, buffer).ConfigureAwait(false))
        {
            await socket.SendAsync(buffer.AsMemory()).ConfigureAwait(false);
        }
    }
}
