// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What sources and ports could do wrongly, to show that it is found.</summary>
internal enum PortFlaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The poller says that a node is linked no more while it still lies in the inbox.</summary>
    UnlinksInInbox,

    /// <summary>The poller takes what is pending, and says in a second step that the node is linked no more.</summary>
    TakesBeforeUnlink,

    /// <summary>Who links does not look whether the poller sleeps.</summary>
    LinksWithoutLook,

    /// <summary>Only who finds the inbox empty looks whether the poller sleeps.</summary>
    FirstLooks,

    /// <summary>Who links looks first and links then.</summary>
    LooksBeforeLink,

    /// <summary>Who unmasks does not link what came meanwhile.</summary>
    UnmaskDoesNotLink,

    /// <summary>Who masks drops what is pending.</summary>
    MaskDrops,

    /// <summary>In mode Acknowledge the packet is made first, and the source masked in a second step.</summary>
    MasksBehindDelivery,

    /// <summary>Who closes leaves what was pending in the word, for another to take again.</summary>
    CloseLeavesPending,

    /// <summary>The poller looks behind its swap whether the node is closed: it may not have been linked when it was.</summary>
    LooksLateIfClosed,

    /// <summary>The same, and whether it is linked: it may have been linked anew.</summary>
    LooksLateIfLinked,
}
