// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What an endpoint has counted since it connected.</summary>
/// <param name="MessagesSent">Messages written.</param>
/// <param name="MessagesReceived">Messages handled.</param>
/// <param name="RequestsSent">Requests written.</param>
/// <param name="RequestsReceived">Requests handled.</param>
/// <param name="Rings">Bells that woke the sleeping peer: one system call each.</param>
/// <param name="Wakes">Wake-ups of callers of the other side that slept on their reply: one system call each.</param>
/// <param name="Parks">Times that a caller or sender of this side slept.</param>
/// <param name="SignalsReceived">Signals of the peer's lanes that reached a notification of this side; coalesced ones are one.</param>
/// <param name="FalseAnnouncements">
/// How often a peer announced a lane in which nothing was signalled, or that was not granted. A few for each signal are an
/// honest sender's haste; far more than signals are a liar's.
/// </param>
public readonly record struct EndpointStatistics(
    long MessagesSent,
    long MessagesReceived,
    long RequestsSent,
    long RequestsReceived,
    long Rings,
    long Wakes,
    long Parks,
    long SignalsReceived,
    long FalseAnnouncements);
