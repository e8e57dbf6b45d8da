// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A store that other threads do not see yet: some bytes of one cell.</summary>
/// <param name="Cell">Where.</param>
/// <param name="Mask">Which bytes of the cell: all ones in those.</param>
/// <param name="Bits">What they become.</param>
/// <param name="Order">The step that stored it.</param>
internal readonly record struct PendingStore(Cell Cell, ulong Mask, ulong Bits, Order Order);
