// SPDX-License-Identifier: MIT

namespace Gangway.Process.Tests.Hostile;

/// <summary>What the server's listener counted.</summary>
internal readonly record struct PeerCounts(
    long Accepted, long Connected, long Handshaking, long Refused, long Abandoned, long PeerFaults);
