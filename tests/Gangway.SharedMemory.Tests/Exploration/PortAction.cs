// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What one more thread does to the first source, beside those that signal and the one that polls.</summary>
internal enum PortAction
{
    /// <summary>There is no such thread.</summary>
    None,

    /// <summary>Masks it, and unmasks it again.</summary>
    MasksAndUnmasks,

    /// <summary>Masks it, and leaves it so.</summary>
    Masks,

    /// <summary>Ends it.</summary>
    Closes,

    /// <summary>Takes what is pending without the port: <c>Notification.Poll</c>.</summary>
    Polls,

    /// <summary>Ends it, while yet another thread takes what is pending.</summary>
    ClosesBesidePoll,

    /// <summary>Waits for each of its packets, and acknowledges it. The source is in that mode.</summary>
    Acknowledges,
}
