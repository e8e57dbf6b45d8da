// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Eight aligned bytes of memory, and which threads were ever seen to read and write them.</summary>
internal sealed class Cell(nuint address)
{
    // Design:
    //
    // Two sets of threads: those seen so far, and those that the running pass knows. Only the latter decide where a
    // switch is offered, so that all executions of a pass offer the same; see Cells.

    private uint _readersSeen;
    private uint _writersSeen;
    private uint _readers;
    private uint _writers;

    internal nuint Address => address;

    /// <summary>Whether a load by this thread can see another thread's store.</summary>
    internal bool IsWrittenByOthers(uint thread) => (_writers & ~thread) != 0;

    /// <summary>Whether a store by this thread can be seen, or overwritten, by another thread.</summary>
    internal bool IsUsedByOthers(uint thread) => ((_readers | _writers) & ~thread) != 0;

    /// <summary>Notes a load. True if that makes the pass's knowledge out of date.</summary>
    internal bool NoteRead(uint thread)
    {
        if ((_readersSeen & thread) != 0)
            return false;
        _readersSeen |= thread;
        return IsShared;
    }

    /// <summary>Notes a store. True if that makes the pass's knowledge out of date.</summary>
    internal bool NoteWrite(uint thread)
    {
        if ((_writersSeen & thread) != 0)
            return false;
        _writersSeen |= thread;
        return IsShared;
    }

    /// <summary>Makes what was seen known.</summary>
    internal void Learn()
    {
        _readers = _readersSeen;
        _writers = _writersSeen;
    }

    private bool IsShared =>
        _writersSeen != 0 && (_readersSeen | _writersSeen) is var all && (all & (all - 1)) != 0;
}
