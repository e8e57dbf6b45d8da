// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>A word of a <see cref="Journal"/>'s lane.</summary>
public enum JournalWord
{
    /// <summary>The last call that a handler began. Written by the server.</summary>
    Executed,

    /// <summary>Times that a call came while one before it had not. Written by the server.</summary>
    CallGaps,

    /// <summary>Calls that came again, or after a later one. Written by the server.</summary>
    CallRepeats,

    /// <summary>The last message that a handler got. Written by the server.</summary>
    Delivered,

    /// <summary>Times that a message came while one before it had not. Written by the server.</summary>
    MessageGaps,

    /// <summary>Messages that came again, or after a later one. Written by the server.</summary>
    MessageRepeats,

    /// <summary>Requests and messages whose content was not what their number says. Written by the server.</summary>
    Torn,

    /// <summary>The last call that came back with <see cref="Status.Ok"/>. Written by the client.</summary>
    Answered,

    /// <summary>The last message that was accepted. Written by the client.</summary>
    Posted,
}
