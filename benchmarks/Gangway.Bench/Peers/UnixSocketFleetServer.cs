// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>.NET Unix stream sockets, all awaited on the run-time's epoll threads: the replying side of a fleet.</summary>
/// <remarks>The best that the run-time has: completions run on the thread that saw the event, see <see cref="Mechanism"/>.</remarks>
internal sealed class UnixSocketFleetServer : Server
{
    private const int RequestsPerRead = 64;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private int _connected;

    public UnixSocketFleetServer(string directory)
    {
        Address = Path.Combine(directory, "fleet");
        _listener.Bind(new UnixDomainSocketEndPoint(Address));
        _listener.Listen(1024);
        StartThread(AcceptAll);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override long Counter(string name) => name == "connected" ? Volatile.Read(ref _connected) : base.Counter(name);

    /// <inheritdoc/>
    public override void Dispose() => _listener.Dispose();

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(_listener.Accept());
                Interlocked.Increment(ref _connected);
            }
        }
        catch (SocketException)
        {
            // The listener was closed: the benchmark is over.
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        byte[] buffer = new byte[RequestsPerRead * SocketServer.MessageBytes];
        byte[] replies = new byte[buffer.Length];
        int held = 0;
        try
        {
            while (true)
            {
                int got = await socket.ReceiveAsync(buffer.AsMemory(held)).ConfigureAwait(false);
                if (got == 0)
                {
                    return;
                }

                // All whole requests that came are answered with one write, which is the best for this peer.
                held += got;
                int whole = held / SocketServer.MessageBytes * SocketServer.MessageBytes;
                buffer.AsSpan(0, whole).CopyTo(replies);
                buffer.AsSpan(whole, held - whole).CopyTo(buffer);
                held -= whole;
                if (whole != 0)
                {
                    await socket.SendAsync(replies.AsMemory(0, whole)).ConfigureAwait(false);
                }
            }
        }
        catch (SocketException)
        {
            // The client is gone.
        }
        finally
        {
            socket.Dispose();
        }
    }
}
