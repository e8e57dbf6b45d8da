// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>What can be said about an <see cref="EpollStatus"/>.</summary>
public static class EpollStatusText
{
    /// <summary>The error's name, what it means here, and what to do about it.</summary>
    /// <param name="status">Any, also one of the kernel's that is not in the list.</param>
    public static string Describe(this EpollStatus status) => status switch
    {
        EpollStatus.Ok => "It was done.",
        EpollStatus.NotPollable => "EPERM: this kind of file is always ready. Read or write it without waiting.",
        EpollStatus.NotThere => "ENOENT: the source is not in the set. Add it first; a descriptor leaves by itself when it is closed.",
        EpollStatus.Closed => "EBADF: the set or the source is closed. Remove a descriptor before it is closed.",
        EpollStatus.OutOfMemory => "ENOMEM: the kernel has no memory for it. Remove what is not needed, and try again.",
        EpollStatus.Exists => "EEXIST: the source is in the set already. Modify it, or remove it first.",
        EpollStatus.Invalid => "EINVAL: a set takes neither itself nor these flags. Exclusive goes with Readable, Writable, "
            + "Error, HangUp, WakeUp and Edge only, not with a set as source, and never into Modify: remove and add instead.",
        EpollStatus.TooManyDescriptorsOnMachine => "ENFILE: the machine is at its limit of descriptors (fs.file-max). Close some, or raise it.",
        EpollStatus.TooManyDescriptors => "EMFILE: this process is at its limit of descriptors (RLIMIT_NOFILE). Close some, or raise it; "
            + "Gangway's own sources need none.",
        EpollStatus.TooManyWatches => "ENOSPC: this user is at its limit of watches (fs.epoll.max_user_watches). Remove some, or raise it.",
        EpollStatus.Loop => "ELOOP: a set may not contain a set that contains it, and sets are nested at most five deep. Remove one on the way first.",
        _ => ((Errno)status).Describe(),
    };
}
