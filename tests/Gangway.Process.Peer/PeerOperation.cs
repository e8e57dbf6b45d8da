// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>What the peer serves. The C programs in <c>tests/hostile</c> have the same numbers.</summary>
public static class PeerOperation
{
    /// <summary>Request: answers what it was sent, up to the largest reply.</summary>
    public const uint Echo = 1;

    /// <summary>Message: its number as 8 bytes, then anything. Counted, and its order watched.</summary>
    public const uint Note = 2;

    /// <summary>Request: answers messages, bytes of messages and messages out of order, 8 bytes each.</summary>
    public const uint Totals = 3;

    /// <summary>Request: sends that many messages back (4 bytes), as far as there is room; answers how many.</summary>
    public const uint Push = 4;

    /// <summary>Request: answered when the next <see cref="Release"/> comes.</summary>
    public const uint Hold = 5;

    /// <summary>Request: answers all that is held, then itself.</summary>
    public const uint Release = 6;

    /// <summary>Permitted to nobody, where the server has a policy. Its handler counts.</summary>
    public const uint Forbidden = 7;

    /// <summary>Request: permitted to the server's own user only. Answers nothing; its handler counts for others.</summary>
    public const uint Own = 8;

    /// <summary>Request: grants a lane with <see cref="LaneCounts.Permitted"/> bits, and answers its number as 4 bytes.</summary>
    public const uint Lane = 9;

    /// <summary>Request: answers for each of these bits how often it came in a lane of this connection, 8 bytes each.</summary>
    public const uint Signals = 10;
}
