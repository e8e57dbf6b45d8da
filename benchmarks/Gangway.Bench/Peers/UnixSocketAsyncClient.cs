// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A .NET Unix stream socket, awaited: the asking side.</summary>
internal sealed class UnixSocketAsyncClient : Client
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _request = new byte[SocketServer.MessageBytes];
    private readonly byte[] _reply = new byte[SocketServer.MessageBytes];
    private long _calls;

    public UnixSocketAsyncClient(string address) => _socket.Connect(new UnixDomainSocketEndPoint(address));

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples) =>
        Task.Run(() => RunAsync(duration, samples)).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Dispose() => _socket.Dispose();

    private async Task<Measurement> RunAsync(TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long last = start;
        do
        {
            await CallAsync().ConfigureAwait(false);
            long now = Stopwatch.GetTimestamp();
            samples.Add(now - last);
            last = now;
        }
        while (last < end && !samples.IsFull);

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start, last));
    }

    private async ValueTask CallAsync()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        await _socket.SendAsync(_request.AsMemory()).ConfigureAwait(false);
        Check(await UnixSocketAsyncServer.ReceiveAllAsync(_socket, _reply).ConfigureAwait(false));
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }
}
