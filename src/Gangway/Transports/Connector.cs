// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>Finds the transport of an address: the one place that knows them all.</summary>
internal static class Connector
{
    /// <summary>Connects by the address's transport, or leaves nothing behind.</summary>
    /// <exception cref="GangwayException">It did not succeed; the message says why.</exception>
    internal static Link Connect(Endpoint endpoint, ConnectAttempt attempt, out PeerIdentity identity)
    {
        if (endpoint.Address.IsInProcess)
            return InProcessAcceptor.Connect(endpoint, attempt, out identity);
        SharedMemoryLink link = SharedMemoryConnector.Connect(endpoint, attempt);
        identity = link.Identity;
        return link;
    }
}
