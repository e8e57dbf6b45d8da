// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>How far the writer of a segment is with it. It only grows.</summary>
internal enum SegmentState : uint
{
    /// <summary>The header is not written yet.</summary>
    None,

    /// <summary>Records are taken.</summary>
    Open,

    /// <summary>The writer takes nothing more from the other side's ring.</summary>
    Closing,

    /// <summary>The writer is gone.</summary>
    Closed,
}
