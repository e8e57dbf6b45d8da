// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Which parts of the header extension a record has, in this order.</summary>
[Flags]
internal enum RecordFlags : byte
{
    /// <summary>No extension.</summary>
    None = 0,

    /// <summary>The largest reply that the caller takes: 8 bytes.</summary>
    LargestReply = 1,

    /// <summary>The deadline, <c>CLOCK_MONOTONIC</c> nanoseconds: 8 bytes.</summary>
    Deadline = 2,

    /// <summary>The calls that this one is nested in: a count and that many ids of 8 bytes.</summary>
    Chain = 4,

    /// <summary>Trace context: 32 bytes.</summary>
    Trace = 8,

    /// <summary>All flags that version 1 knows.</summary>
    All = LargestReply | Deadline | Chain | Trace,
}
