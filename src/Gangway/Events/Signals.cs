// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a <see cref="Notification"/> held: its bits, and how many signals came.</summary>
/// <param name="Bits">The bits of all signals since the last look, together.</param>
/// <param name="Count">How many there were: a hint, which saturates; 0 when there was none.</param>
public readonly record struct Signals(uint Bits, uint Count)
{
    /// <summary>Whether there was none.</summary>
    public bool IsEmpty => Count == 0;
}
