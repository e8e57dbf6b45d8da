// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>A client that waits for what its process did before: nothing of it is read, and nothing made for it.</summary>
/// <param name="Socket">The accepted socket, watched for its hang-up.</param>
/// <param name="Process">The client's process.</param>
/// <param name="Identity">Who it is, as the kernel says.</param>
/// <param name="Until">When it goes on, as the monotonic clock says.</param>
internal sealed record HeldClient(UnixSocket Socket, PidFd Process, PeerIdentity Identity, long Until)
{
    /// <summary>Its place in the acceptor's table.</summary>
    internal ReactorToken Token { get; set; }
}
