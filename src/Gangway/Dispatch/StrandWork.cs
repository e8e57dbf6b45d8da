// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Something that runs on a strand. It carries its own queue node, and is in one queue at a time.</summary>
internal abstract class StrandWork
{
    /// <summary>The next in a <see cref="WorkQueue"/>; belongs to the queue.</summary>
    internal StrandWork? Next;

    /// <summary>Runs, in the strand's turn.</summary>
    /// <param name="strand">The strand that runs it.</param>
    /// <param name="isCancelled">True when the strand was disposed first.</param>
    internal abstract void Run(Strand strand, bool isCancelled);
}
