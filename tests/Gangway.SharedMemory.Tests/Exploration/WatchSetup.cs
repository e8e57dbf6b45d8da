// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Who is there in a <see cref="WatchScenario"/>.</summary>
/// <param name="Watchers">So many wait for a set each.</param>
/// <param name="Takers">So many take one packet, without a look at the kernel, and go.</param>
/// <param name="Signals">So many packets are linked.</param>
/// <param name="Events">So often a descriptor becomes ready.</param>
/// <param name="Asks">Whether something is asked of the loop.</param>
/// <param name="LastLeaves">Whether the last one who watches goes when it has come round once.</param>
internal sealed record WatchSetup(int Watchers, int Takers = 0, int Signals = 0, int Events = 0, bool Asks = false, bool LastLeaves = false);
