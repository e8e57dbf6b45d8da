// SPDX-License-Identifier: MIT

using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Tests;

/// <summary>A pipe of bytes, with a reading end that may be bound.</summary>
internal sealed class Pipe : IDisposable
{
    internal AnonymousPipeServerStream Server { get; } = new(PipeDirection.Out, HandleInheritability.Inheritable);

    internal SafePipeHandle Reader => Server.ClientSafePipeHandle;

    internal void Write() => Server.Write([1]);

    internal void Read()
    {
        using var file = new FileStream(new SafeFileHandle(Reader.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, 1);
        file.ReadExactly(new byte[1]);
    }

    public void Dispose()
    {
        Server.ClientSafePipeHandle.Dispose();
        Server.Dispose();
    }
}
