// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>What <see cref="JournalHandler"/> serves beside <see cref="PeerOperation.Echo"/> and <see cref="PeerOperation.Note"/>.</summary>
public static class JournalOperation
{
    /// <summary>Request: a <see cref="JournalRecord"/>, noted in its lane before it is answered with its reply.</summary>
    public const uint Execute = 16;

    /// <summary>Message: a <see cref="JournalRecord"/>, noted in its lane.</summary>
    public const uint Post = 17;

    /// <summary>Request: sends that many <see cref="Post"/> back (4 bytes), as far as there is room; answers how many.</summary>
    public const uint Push = 18;
}
