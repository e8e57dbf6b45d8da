// SPDX-License-Identifier: MIT

using System.IO.Pipes;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>A .NET named pipe, blocking: the replying side.</summary>
internal sealed class PipeServer : Server
{
    private readonly NamedPipeServerStream _pipe;

    public PipeServer(string directory)
    {
        // A rooted path is taken as it is; a bare name would leave a file in the temporary directory.
        Address = Path.Combine(directory, "pipe");
        _pipe = new NamedPipeServerStream(
            Address, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.CurrentUserOnly);
        StartThread(Serve);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override void Dispose() => _pipe.Dispose();

    private void Serve()
    {
        _pipe.WaitForConnection();
        byte[] buffer = new byte[SocketServer.MessageBytes];
        while (_pipe.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
        {
            _pipe.Write(buffer);
        }
    }
}
