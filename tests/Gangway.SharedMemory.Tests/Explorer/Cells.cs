// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>All cells that the code under test has touched, over all executions.</summary>
internal sealed class Cells
{
    // Design:
    //
    // An access to a cell that no other thread touches, or that all only read, commutes with everything that other
    // threads do, so no switch need be offered before it. Which cells those are is found out by running. When an execution
    // shows a cell to be shared that was not known to be, the pass begins anew with that knowledge. The last pass is
    // exhaustive with respect to a set of cells that none of its executions contradicts; an execution that would
    // contradict it has a shortest prefix that does, and up to its last access that prefix is, but for the order of
    // commuting accesses, one of those that were run. So it would have been seen.

    private readonly Dictionary<nuint, Cell> _cells = [];
    private bool _hasSeenFenceAll;

    /// <summary>Whether a cell turned out to be shared that the pass took for private.</summary>
    internal bool IsOutOfDate { get; private set; }

    /// <summary>
    /// Whether a thread may fence all others: then they can tell whether a store was in the buffer by then, or not yet done.
    /// </summary>
    internal bool HasFenceAll { get; private set; }

    internal Cell At(nuint address)
    {
        nuint start = address & ~(nuint)7;
        if (!_cells.TryGetValue(start, out Cell? cell))
            _cells[start] = cell = new Cell(start);
        return cell;
    }

    internal void NoteRead(Cell cell, uint thread) => IsOutOfDate |= cell.NoteRead(thread);

    internal void NoteWrite(Cell cell, uint thread) => IsOutOfDate |= cell.NoteWrite(thread);

    internal void NoteFenceAll()
    {
        _hasSeenFenceAll = true;
        IsOutOfDate |= !HasFenceAll;
    }

    internal void Learn()
    {
        HasFenceAll = _hasSeenFenceAll;
        foreach (Cell cell in _cells.Values)
            cell.Learn();
        IsOutOfDate = false;
    }
}
