// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What one user may have of a listener.</summary>
/// <param name="Connections">Connections, handshakes under way included.</param>
/// <param name="Handshakes">Handshakes under way.</param>
/// <param name="Bytes">Bytes of shared memory, those that ended connections still map included.</param>
/// <param name="Mappings">Mappings of this process.</param>
/// <param name="Descriptors">Descriptors of this process.</param>
/// <param name="Transactions">Requests that were taken and are not answered yet.</param>
internal readonly record struct UserQuota(
    int Connections, int Handshakes, long Bytes, int Mappings, int Descriptors, int Transactions)
{
    /// <summary>How much of a listener a foreign user gets where the options do not say: a part, so that none crowds out all.</summary>
    private const int ForeignShare = 4;

    /// <summary>The quota that the options give a user.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="isOwnUser">Whether it is the user that the listener runs as.</param>
    internal static UserQuota Of(ListenerOptions options, bool isOwnUser)
    {
        int connections = options.MaxConnectionsPerUser ?? Share(options.MaxConnections, isOwnUser);
        int handshakes = options.MaxHandshakesPerUser ?? Share(options.MaxHandshakes, isOwnUser);
        return new UserQuota(
            connections,
            handshakes,
            options.MaxBytesPerUser ?? connections * ConnectionCost.Bytes,
            options.MaxMappingsPerUser ?? Times(connections, ConnectionCost.Mappings),

            // In use: a socket, a pidfd of its process, and a second one once a connection of that process has ended.
            options.MaxDescriptorsPerUser
                ?? Times(connections, 3) + Math.Min(handshakes, 1 << 20) * ConnectionCost.HandshakeDescriptors,
            options.MaxTransactionsPerUser ?? Times(connections, ConnectionCost.Transactions));
    }

    private static int Share(int total, bool isOwnUser) => isOwnUser ? total : Math.Max(1, total / ForeignShare);

    private static int Times(int count, int each) => (int)Math.Min((long)count * each, int.MaxValue / 2);
}
