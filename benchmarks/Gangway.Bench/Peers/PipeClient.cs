// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.IO.Pipes;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A .NET named pipe, blocking: the asking side.</summary>
internal sealed class PipeClient : CallingClient
{
    private readonly NamedPipeClientStream _pipe;
    private readonly byte[] _request = new byte[SocketServer.MessageBytes];
    private readonly byte[] _reply = new byte[SocketServer.MessageBytes];
    private long _calls;

    public PipeClient(string address)
    {
        _pipe = new NamedPipeClientStream(".", address, PipeDirection.InOut, PipeOptions.CurrentUserOnly);
        _pipe.Connect(5000);
    }

    /// <inheritdoc/>
    public override void Call()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_request, ++_calls);
        _pipe.Write(_request);
        _pipe.ReadExactly(_reply);
        Check(BinaryPrimitives.ReadInt64LittleEndian(_reply) == _calls);
    }

    /// <inheritdoc/>
    public override void Dispose() => _pipe.Dispose();
}
