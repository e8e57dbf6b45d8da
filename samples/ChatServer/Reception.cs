// SPDX-License-Identifier: MIT

namespace Gangway.Samples.ChatServer;

/// <summary>What one look at a client's socket found.</summary>
internal enum Reception
{
    /// <summary>Nothing now; a packet tells when there is something.</summary>
    Nothing,

    /// <summary>Bytes.</summary>
    Some,

    /// <summary>The client has hung up.</summary>
    End,
}
