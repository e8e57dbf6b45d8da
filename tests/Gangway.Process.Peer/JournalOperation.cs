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

    /// <summary>
    /// Message: a <see cref="JournalRecord"/>, noted in its lane; then its handler goes on until <see cref="JournalWord.Posted"/> of
    /// the lane reaches its number, so that the reactor is awake meanwhile, whatever the machine does.
    /// </summary>
    public const uint StayAwake = 19;
}
