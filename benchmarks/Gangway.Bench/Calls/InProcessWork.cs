// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary><see cref="Endpoint.Call(uint, ReadOnlySpan{byte}, Span{byte}, Deadline)"/> of 64 bytes to a listener of this process.</summary>
internal sealed class InProcessWork : TimedCalls
{
    private readonly string _address = "inproc:bench-" + Guid.NewGuid().ToString("N");
    private readonly byte[] _request = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _reply = new byte[GangwayCallClient.PayloadBytes];
    private readonly TimeSpan? _patience;
    private readonly Listener _listener;
    private readonly Endpoint _endpoint;
    private long _calls;

    /// <summary>Listens and connects.</summary>
    /// <param name="patience">With this deadline, so that the caller may leave and the handler runs elsewhere; null without one.</param>
    public InProcessWork(TimeSpan? patience = null)
    {
        _patience = patience;
        _listener = Domain.Listen(_address, new EchoHandler());
        _endpoint = Domain.Connect(_address);
    }

    /// <inheritdoc/>
    public override void RunCalls(int calls)
    {
        Deadline deadline = _patience is { } patience ? Deadline.After(patience) : Deadline.Never;
        for (int i = 0; i < calls; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
            CallResult result = _endpoint.Call(EchoHandler.Echo, _request, _reply, deadline);
            if (!result.IsOk || result.Length != _reply.Length || BinaryPrimitives.ReadInt64LittleEndian(_reply) != _calls)
            {
                throw new BenchmarkException($"A reply did not match its request: {result.Status}, {result.Length} bytes.");
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _endpoint.Dispose();
        _listener.Dispose();
        base.Dispose();
    }
}
