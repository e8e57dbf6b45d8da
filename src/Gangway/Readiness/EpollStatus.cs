// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How a change of an <see cref="EpollSet"/> went. The values are Linux's error numbers.</summary>
/// <remarks>
/// The kernel may answer for a descriptor with a number that is not in this list. <see cref="EpollStatusText.Describe"/> says
/// what to do.
/// </remarks>
public enum EpollStatus
{
    /// <summary>It was done.</summary>
    Ok = 0,

    /// <summary>EPERM: the descriptor is of a kind that is always ready, such as a regular file or a directory.</summary>
    NotPollable = 1,

    /// <summary>ENOENT: the source is not in the set.</summary>
    NotThere = 2,

    /// <summary>EBADF: the set or the source is closed.</summary>
    Closed = 9,

    /// <summary>ENOMEM: the kernel has no memory for it.</summary>
    OutOfMemory = 12,

    /// <summary>EEXIST: the source is in the set already.</summary>
    Exists = 17,

    /// <summary>EINVAL: the set itself, or a combination of flags with <see cref="EpollMask.Exclusive"/> that is refused.</summary>
    Invalid = 22,

    /// <summary>ENFILE: the machine is at its limit of descriptors.</summary>
    TooManyDescriptorsOnMachine = 23,

    /// <summary>EMFILE: this process is at its limit of descriptors. A set takes two with its first descriptor.</summary>
    TooManyDescriptors = 24,

    /// <summary>ENOSPC: this user is at its limit of watches.</summary>
    TooManyWatches = 28,

    /// <summary>ELOOP: the set would contain one that contains it, or sets would be nested more than five deep.</summary>
    Loop = 40,
}
