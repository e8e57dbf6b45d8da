// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Net.Sockets;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Peers;

/// <summary>Keeps a number of requests outstanding on one socket; as many as were answered are written at once.</summary>
internal sealed class SocketWindow(Socket socket, int window)
{
    private const int MessageBytes = SocketServer.MessageBytes;

    private readonly byte[] _requests = new byte[window * MessageBytes];
    private readonly byte[] _replies = new byte[window * MessageBytes];
    private long _sent;
    private long _completed;
    private bool _isStopping;

    /// <summary>Replies so far.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>Sends no more; what is outstanding is still awaited.</summary>
    public void Stop() => Volatile.Write(ref _isStopping, true);

    /// <summary>Works until <see cref="Stop"/>.</summary>
    public async Task RunAsync()
    {
        await SendAsync(window).ConfigureAwait(false);
        int held = 0;
        while (_completed < _sent)
        {
            int got = await socket.ReceiveAsync(_replies.AsMemory(held)).ConfigureAwait(false);
            if (got == 0)
            {
                throw new BenchmarkException("The server closed a connection.");
            }

            held += got;
            int whole = held / MessageBytes;
            Take(whole);
            _replies.AsSpan(whole * MessageBytes, held - (whole * MessageBytes)).CopyTo(_replies);
            held -= whole * MessageBytes;
            if (whole != 0 && !Volatile.Read(ref _isStopping))
            {
                await SendAsync(whole).ConfigureAwait(false);
            }
        }
    }

    private void Take(int count)
    {
        for (int i = 0; i < count; i++)
        {
            long number = BinaryPrimitives.ReadInt64LittleEndian(_replies.AsSpan(i * MessageBytes));
            if (number != _completed + 1)
            {
                throw new BenchmarkException("A reply did not match its request.");
            }

            Volatile.Write(ref _completed, number);
        }
    }

    private async ValueTask SendAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_requests.AsSpan(i * MessageBytes), ++_sent);
        }

        await socket.SendAsync(_requests.AsMemory(0, count * MessageBytes)).ConfigureAwait(false);
    }
}
