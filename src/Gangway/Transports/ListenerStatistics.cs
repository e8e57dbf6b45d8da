// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a listener has counted since it was made.</summary>
/// <param name="Accepted">Handshakes that ended in a connection.</param>
/// <param name="Connected">Connections now.</param>
/// <param name="Handshaking">Handshakes now.</param>
/// <param name="Refused">Handshakes that were refused, for any reason.</param>
/// <param name="Abandoned">Handshakes that the client gave up or died in.</param>
/// <param name="PeerFaults">Connections that ended with <see cref="DisconnectReason.PeerFault"/>.</param>
/// <param name="LastRefusal">Why the last one was refused, for people.</param>
/// <param name="LastPeerFault">What the last of those peers did, for people.</param>
public readonly record struct ListenerStatistics(
    long Accepted,
    int Connected,
    int Handshaking,
    long Refused,
    long Abandoned,
    long PeerFaults,
    string? LastRefusal,
    string? LastPeerFault)
{
    /// <summary>What is charged to its users now.</summary>
    public ListenerCharges Charged { get; init; }

    /// <summary>Handshakes that had to wait first (<see cref="ListenerOptions.FaultPenalty"/>).</summary>
    public long Held { get; init; }

    /// <summary><see cref="Refused"/>, by why.</summary>
    public ListenerRefusals Refusals { get; init; }
}
