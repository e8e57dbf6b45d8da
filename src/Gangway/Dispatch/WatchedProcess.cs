// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>A peer's process, watched once for all its connections to one reactor.</summary>
internal sealed class WatchedProcess(ulong key, PidFd descriptor)
{
    /// <summary>The inode number of the pidfd.</summary>
    internal ulong Key { get; } = key;

    /// <summary>Readable when the process has ended.</summary>
    internal PidFd Descriptor { get; } = descriptor;

    /// <summary>Its place in the reactor's table.</summary>
    internal ReactorToken Token { get; set; }

    /// <summary>Whether it was seen to have ended.</summary>
    internal bool IsGone { get; set; }

    /// <summary>The connections that end with it.</summary>
    internal List<ReactorSource> Sources { get; } = [];
}
