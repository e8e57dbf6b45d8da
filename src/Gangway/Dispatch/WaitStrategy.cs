// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a thread does before it sleeps.</summary>
public enum WaitStrategy
{
    /// <summary>
    /// Polls for about as long as a wake-up costs if the peer last ran on another processor, yields if it ran on this
    /// one, and sleeps at once if recent waits were long. Uses no processor time when nobody talks.
    /// </summary>
    Adaptive,

    /// <summary>Sleeps at once. Each call costs the wake-ups; nothing is polled.</summary>
    Park,
}
