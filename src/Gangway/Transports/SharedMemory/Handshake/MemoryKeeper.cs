// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>A living process that may still map the memory of connections that ended; watched until it is gone.</summary>
internal sealed class MemoryKeeper(ulong key, PidFd descriptor)
{
    /// <summary>The inode number of its pidfd.</summary>
    internal ulong Key { get; } = key;

    /// <summary>Readable when it has ended.</summary>
    internal PidFd Descriptor { get; } = descriptor;

    /// <summary>Its place in the acceptor's table.</summary>
    internal ReactorToken Token { get; set; }
}
