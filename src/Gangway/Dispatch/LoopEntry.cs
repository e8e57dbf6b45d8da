// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a port's poller finds when it asks for the loop: see <see cref="LoopHome{TMemory}.TryEnter"/>.</summary>
internal enum LoopEntry
{
    /// <summary>It has the loop for a turn.</summary>
    Entered,

    /// <summary>A thread stands in, and has just been asked to give the loop back: it must be woken.</summary>
    Called,

    /// <summary>A thread stands in, and was asked before.</summary>
    Away,

    /// <summary>The loop is just being taken from this poller's last turn: ask again before a sleep.</summary>
    Unsettled,
}
