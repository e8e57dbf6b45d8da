// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>A name that this process owns: the lock, and the socket that listens under it.</summary>
internal sealed class ServedName(LocalName name, FileDescriptor lockFile, UnixSocket socket) : IDisposable
{
    private readonly ulong _inode = InodeOf(name.SocketPath);
    private int _isDisposed;

    /// <summary>The address that is served.</summary>
    internal Address Address => name.Address;

    /// <summary>What is accepted from.</summary>
    internal UnixSocket Socket { get; } = socket;

    /// <summary>Takes the socket away, then gives the name back. The lock file stays: it is never unlinked.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        // Whoever may write the directory may have put something else there: that is his.
        if (InodeOf(name.SocketPath) == _inode)
            Files.Unlink(name.SocketPath);
        Socket.Dispose();
        lockFile.Dispose();
    }

    private static ulong InodeOf(string path) =>
        Files.DescribePath(path, out FileStatus status) == Errno.None ? status.Inode : 0;
}
