// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Calls;

/// <summary>The floor of a call inside a process: a delegate that copies 64 bytes there and back.</summary>
internal sealed class DelegateWork : TimedCalls
{
    private delegate int Echo(ReadOnlySpan<byte> request, Span<byte> reply);

    private readonly byte[] _request = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _reply = new byte[GangwayCallClient.PayloadBytes];
    private readonly byte[] _copy = new byte[GangwayCallClient.PayloadBytes];
    private readonly Echo _echo;
    private long _calls;

    /// <summary>Makes the delegate.</summary>
    public DelegateWork() => _echo = (request, reply) =>
    {
        request.CopyTo(_copy);
        _copy.CopyTo(reply);
        return request.Length;
    };

    /// <inheritdoc/>
    public override void RunCalls(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
            int length = _echo(_request, _reply);
            if (length != _reply.Length || BinaryPrimitives.ReadInt64LittleEndian(_reply) != _calls)
            {
                throw new BenchmarkException($"A reply did not match its request: {length} bytes.");
            }
        }
    }
}
