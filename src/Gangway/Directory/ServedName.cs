// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>A name that this process owns: the lock, and the socket that listens under it.</summary>
internal sealed class ServedName(LocalName name, FileDescriptor lockFile, UnixSocket socket) : IDisposable
{
    private int _isDisposed;

    /// <summary>What is accepted from.</summary>
    internal UnixSocket Socket { get; } = socket;

    /// <summary>Takes the socket away, then gives the name back. The lock file stays: it is never unlinked.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Files.Unlink(name.SocketPath);
        Socket.Dispose();
        lockFile.Dispose();
    }
}
