// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Events;

namespace Gangway.Bench.Peers;

/// <summary>Sockets, each with a loop that awaits <c>ReceiveAsync</c>.</summary>
internal sealed class SocketAsyncPass : PassWork
{
    private readonly SocketPairs _pairs;
    private readonly Task[] _loops;

    /// <summary>Starts so many loops.</summary>
    public SocketAsyncPass(int sources)
        : base(sources)
    {
        _pairs = new SocketPairs(sources);
        _loops = [.. _pairs.Receivers.Select(ReceiveAsync)];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _pairs.Dispose();
        Task.WaitAll(_loops);
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Signal(int source) => _pairs.Send(source);

    private async Task ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[64];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None).ConfigureAwait(false) > 0)
            {
                OnHandled();
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed meanwhile.
        }
    }
}
