// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory with default options: blocking calls, one after the other.</summary>
internal sealed class GangwayCallClient(string address) : CallingClient
{
    /// <summary>Request and reply, and a message of the stream.</summary>
    public const int PayloadBytes = 64;

    private readonly Endpoint _endpoint = Domain.Connect(address);
    private readonly byte[] _request = new byte[PayloadBytes];
    private readonly byte[] _reply = new byte[PayloadBytes];
    private long _calls;

    /// <inheritdoc/>
    public override void Call()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        CallResult result = _endpoint.Call(EchoHandler.Echo, _request, _reply);
        Check(result.IsOk && result.Length == PayloadBytes);
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }

    /// <inheritdoc/>
    public override long Counter(string name) => GangwayCounters.Read(_endpoint, name);

    /// <inheritdoc/>
    public override void Dispose() => _endpoint.Dispose();
}
