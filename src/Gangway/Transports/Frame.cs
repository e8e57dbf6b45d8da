// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>One record as it arrived: checked, copied, and taken apart.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Slot">Where the reply of a request goes; the peer's number, not checked yet.</param>
/// <param name="Generation">Which use of the slot; the peer's number, not checked yet.</param>
/// <param name="Deadline">When the caller stops waiting.</param>
/// <param name="ChainOffset">Where the ids of the calls that this one is nested in start in the copy.</param>
/// <param name="ChainCount">How many those are.</param>
/// <param name="PayloadOffset">Where the payload starts in the copy.</param>
/// <param name="PayloadBytes">How long it is.</param>
internal readonly record struct Frame(
    FrameKind Kind,
    uint Operation,
    int Slot,
    ulong Generation,
    Deadline Deadline,
    ushort ChainOffset,
    ushort ChainCount,
    ushort PayloadOffset,
    ushort PayloadBytes);
