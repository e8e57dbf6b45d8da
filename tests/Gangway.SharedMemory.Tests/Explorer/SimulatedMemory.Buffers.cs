// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How loads, stores and the store buffers meet.</summary>
internal sealed unsafe partial class SimulatedMemory
{
    /// <summary>Makes all stores of a thread visible.</summary>
    internal void Drain(Worker thread)
    {
        while (thread.Buffer.Count > 0)
            CommitOldest(thread);
    }

    private ulong Load(Worker self, Cell cell)
    {
        _scheduler.Arrive(self, new Access(AccessKind.Load, cell, null, cell.IsWrittenByOthers(self.Bit)));
        _cells.NoteRead(cell, self.Bit);
        _scheduler.Wake(self, cell, isStore: false);
        OfferFlush(self, cell);
        return self.Buffer.Forward(cell, *(ulong*)cell.Address);
    }

    private void Store(Worker self, in PendingStore store)
    {
        AccessKind kind = _isBuffered ? AccessKind.BufferedStore : AccessKind.VisibleStore;
        bool isShared = (!_isBuffered || _cells.HasFenceAll) && store.Cell.IsUsedByOthers(self.Bit);
        _scheduler.Arrive(self, new Access(kind, store.Cell, null, isShared));
        _cells.NoteWrite(store.Cell, self.Bit);
        self.Buffer.Add(store);
        if (_isBuffered)
            _scheduler.Wake(self, store.Cell, isStore: true);
        else
            Drain(self);
    }

    /// <summary>Before an access to a cell: which buffered stores of the others to it are visible by now.</summary>
    private void OfferFlush(Worker self, Cell cell)
    {
        foreach (Worker other in _scheduler.Workers)
        {
            int count = other == self || other.IsCommitting ? 0 : other.Buffer.CountOf(cell);
            if (count == 0)
                continue;
            for (int i = 0; i <= count; i++)
                _flushes[i] = new Option(OptionKind.Flush, other.Index, i);
            int chosen = _scheduler.Choose(_flushes.AsSpan(0, count + 1), _flushes[0]).Count;
            Commit(other, cell, chosen);
        }
    }

    /// <summary>Makes a thread's stores visible, up to one of those to a cell.</summary>
    private void Commit(Worker thread, Cell cell, int count)
    {
        while (count > 0)
        {
            if (ReferenceEquals(thread.Buffer.Oldest.Cell, cell))
                count--;
            CommitOldest(thread);
        }
    }

    private void CommitOldest(Worker thread)
    {
        Cell cell = thread.Buffer.Oldest.Cell;
        _scheduler.Wake(thread, cell, isStore: true);
        thread.IsCommitting = true;
        OfferFlush(thread, cell);
        thread.IsCommitting = false;

        PendingStore store = thread.Buffer.Oldest;
        thread.Buffer.RemoveOldest();

        // SAFETY: the address comes from a reference that the code under test holds into memory that does not move, and
        // that the scenario keeps alive for as long as the exploration runs.
        ref ulong memory = ref *(ulong*)cell.Address;
        memory = (memory & ~store.Mask) | (store.Bits & store.Mask);
        if (_scheduler.IsTracing && _isBuffered)
            _scheduler.Note($"{thread.Name}'s {store.Order} is visible: {_scheduler.LabelOf(cell.Address)}");
    }
}
