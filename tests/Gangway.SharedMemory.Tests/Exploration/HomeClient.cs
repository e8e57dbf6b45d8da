// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What the second client of a <see cref="HomeScenario"/> wants of the loop.</summary>
internal enum HomeClient
{
    /// <summary>It asks for something, and does not wait.</summary>
    Posts,

    /// <summary>It needs the loop for a bell of its peer, and waits for that.</summary>
    Bell,

    /// <summary>It has the loop stop, and waits for that.</summary>
    Stops,
}
