// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>For whom a port's baton was not free: bits of its word.</summary>
[Flags]
internal enum BatonMarks : ulong
{
    /// <summary>For nobody.</summary>
    None = 0,

    /// <summary>One who wanted packets, and takes it for "there are none".</summary>
    Taker = 4,

    /// <summary>One who watches, and looked for what only a poller finds.</summary>
    Watcher = 8,

    /// <summary>The poller of a port around this one, who looked for the same: <see cref="PortNode.TakeMissed"/> says which.</summary>
    OuterPoller = 16,
}
