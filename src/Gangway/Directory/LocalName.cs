// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where the socket and the lock of a local name lie.</summary>
/// <param name="Address">The address that was asked for.</param>
/// <param name="DirectoryPath">The directory of both.</param>
/// <param name="SocketPath">The socket.</param>
internal sealed record LocalName(Address Address, string DirectoryPath, string SocketPath)
{
    /// <summary>The lock file, whose lock is the ownership of the name.</summary>
    internal string LockPath => SocketPath + ".lock";

    /// <summary>Whether the directory was named by the program, and not chosen by the user's environment.</summary>
    internal bool IsExplicit => Address.IsPath;
}
