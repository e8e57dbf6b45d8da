// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What a listener has of its transport: who connects, and who is connected.</summary>
internal interface IAcceptor : IDisposable
{
    /// <summary>What was counted so far.</summary>
    ListenerStatistics Statistics { get; }

    /// <summary>The connected endpoints, as a copy.</summary>
    IReadOnlyCollection<Endpoint> Endpoints { get; }

    /// <summary>Those that are not connected any more, and not quiet yet, as a copy.</summary>
    IReadOnlyCollection<Endpoint> EndingEndpoints { get; }

    /// <summary>Ends what a process has of this listener, handshakes included. Any thread.</summary>
    /// <returns>How many connections are ended.</returns>
    int Revoke(ulong processKey);

    /// <summary>Ends all connections, whoever runs their loops. Any thread, when nobody is accepted any more.</summary>
    void EndLinks(DisconnectReason reason);
}
