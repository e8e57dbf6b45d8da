// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>What was signalled in a lane since it was taken last.</summary>
/// <param name="Lane">Its number: one that was granted.</param>
/// <param name="Bits">At least one; none that is not permitted.</param>
/// <param name="Count">A hint, at least 1: how often it was signalled while not pending. The sender may lie.</param>
internal readonly record struct LaneSignal(int Lane, uint Bits, uint Count);
