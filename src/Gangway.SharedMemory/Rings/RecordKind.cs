// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>What a record of the ring is.</summary>
internal enum RecordKind : byte
{
    /// <summary>Nothing yet: what a zeroed first word says.</summary>
    None,

    /// <summary>A one-way message; costs a credit until the reader completes it.</summary>
    Message,

    /// <summary>A request; its reply appears in the slot that it names.</summary>
    Request,

    /// <summary>Nothing more up to the end of the ring.</summary>
    Pad,
}
