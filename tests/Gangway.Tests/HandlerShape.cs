// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>How a handler of the strand's stress test runs.</summary>
internal enum HandlerShape
{
    /// <summary>It never suspends.</summary>
    Straight,

    /// <summary>It goes on twice in its strand.</summary>
    Yields,

    /// <summary>It awaits what another thread ends at any time, perhaps before it suspends.</summary>
    Awaits,

    /// <summary>Its end comes on a thread outside of the strand.</summary>
    EndsElsewhere,
}
