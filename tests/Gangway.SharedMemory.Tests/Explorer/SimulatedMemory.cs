// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>Memory as several processors see it: with a store buffer each.</summary>
internal sealed unsafe partial class SimulatedMemory
{
    // Design:
    //
    // Stores are made visible as late as possible: by the thread's own fence, compare-and-swap or kernel call, or when
    // another thread is about to read or write the cell; then the explorer chooses through which of the buffered stores
    // to that cell. Making a store visible commutes with everything but accesses of other threads to its cell, so each
    // execution is equivalent to one where it happens right before such an access, and nothing is lost by offering
    // it only there. For the same reason a store into the buffer needs no switch before it: others cannot tell
    // whether it is buffered or not yet done; but who fences all threads can.

    private readonly Scheduler _scheduler;
    private readonly Cells _cells;
    private readonly bool _isBuffered;
    private readonly Mutant? _mutant;
    private readonly Option[] _flushes = new Option[64];

    internal SimulatedMemory(Scheduler scheduler, Cells cells, MemoryModel model, Mutant? mutant)
    {
        _scheduler = scheduler;
        _cells = cells;
        _isBuffered = model == MemoryModel.TotalStoreOrder;
        _mutant = mutant;
    }

    /// <summary>How often the mutant was in effect, over all executions.</summary>
    internal long MutantHits { get; private set; }

    internal ulong Read(Worker self, nuint address, int bytes, Order order)
    {
        if (Is(MutantEffect.Stale, order))
        {
            MutantHits++;
            return self.LastSeen.GetValueOrDefault(address);
        }

        Cell cell = _cells.At(address);
        ulong value = Extract(Load(self, cell), address, bytes);
        if (_mutant is { Effect: MutantEffect.Stale })
            self.LastSeen[address] = value;
        if (_scheduler.IsTracing)
            Trace(self, "read", order, address, value);
        return value;
    }

    internal void Write(Worker self, nuint address, int bytes, ulong value, Order order)
    {
        if (Is(MutantEffect.Skip, order))
        {
            MutantHits++;
            return;
        }

        Cell cell = _cells.At(address);
        PendingStore store = new(cell, Mask(address, bytes), value << Shift(address), order);
        if (Is(MutantEffect.Late, order))
        {
            MutantHits++;
            self.Held.Add(store);
            return;
        }

        Store(self, store);
        if (_scheduler.IsTracing)
            Trace(self, _isBuffered ? "write (buffered)" : "write", order, address, value);
        if (self.Held.Count != 0 && _mutant!.Behind == order)
        {
            foreach (PendingStore held in self.Held)
                Store(self, held);
            self.Held.Clear();
        }
    }

    internal void Fence(Worker self, Order order)
    {
        if (Is(MutantEffect.Skip, order))
        {
            MutantHits++;
            return;
        }

        _scheduler.Arrive(self, new Access(AccessKind.Fence, null, null, self.Buffer.IsUsedByOthers(self.Bit)));
        Drain(self);
        if (_scheduler.IsTracing)
            _scheduler.Trace(self, $"fence {order}");
    }

    /// <summary>A fence on all threads of the caller's process.</summary>
    internal void FenceAll(Worker self, Order order)
    {
        if (Is(MutantEffect.Skip, order))
        {
            MutantHits++;
            return;
        }

        _scheduler.Arrive(self, new Access(AccessKind.FenceAll, null, null, IsShared: true));
        _cells.NoteFenceAll();
        foreach (Worker worker in _scheduler.Workers)
        {
            if (worker.Process != self.Process)
                continue;
            Drain(worker);
            worker.IsAsleep = false;
        }

        if (_scheduler.IsTracing)
            _scheduler.Trace(self, $"fence of all {order}");
    }

    internal ulong CompareExchange(Worker self, nuint address, int bytes, ulong value, ulong comparand, Order order)
    {
        if (Is(MutantEffect.Pretend, order))
        {
            MutantHits++;
            return comparand;
        }

        Cell cell = _cells.At(address);
        bool isShared = cell.IsUsedByOthers(self.Bit) || self.Buffer.IsUsedByOthers(self.Bit);
        _scheduler.Arrive(self, new Access(AccessKind.Swap, cell, null, isShared));
        if (Is(MutantEffect.SkipFence, order))
        {
            MutantHits++;
            Commit(self, cell, self.Buffer.CountOf(cell));
        }
        else
        {
            Drain(self);
        }

        _cells.NoteRead(cell, self.Bit);
        _scheduler.Wake(self, cell, isStore: false);
        OfferFlush(self, cell);
        ulong found = Extract(*(ulong*)cell.Address, address, bytes);
        if (found == comparand)
        {
            ulong mask = Mask(address, bytes);
            ref ulong memory = ref *(ulong*)cell.Address;
            memory = (memory & ~mask) | (value << Shift(address) & mask);
            _scheduler.Wake(self, cell, isStore: true);
        }

        // Where switches are offered, a swap counts as a store also when it failed: another time it may succeed.
        _cells.NoteWrite(cell, self.Bit);
        if (_scheduler.IsTracing)
        {
            string what = found == comparand ? $"swap {comparand:x} for" : $"no swap of {comparand:x}, found {found:x}, for";
            Trace(self, what, order, address, value);
        }

        return found;
    }

    internal void CopyOut(Worker self, nuint address, ReadOnlySpan<byte> source, Order order)
    {
        for (int done = 0; done < source.Length;)
        {
            int bytes = ChunkBytes(address + (nuint)done, source.Length - done);
            ulong value = 0;
            source.Slice(done, bytes).CopyTo(new Span<byte>(&value, sizeof(ulong)));
            Write(self, address + (nuint)done, bytes, value, order);
            done += bytes;
        }
    }

    internal void CopyIn(Worker self, Span<byte> destination, nuint address, Order order)
    {
        for (int done = 0; done < destination.Length;)
        {
            int bytes = ChunkBytes(address + (nuint)done, destination.Length - done);
            ulong value = Read(self, address + (nuint)done, bytes, order);
            new ReadOnlySpan<byte>(&value, bytes).CopyTo(destination[done..]);
            done += bytes;
        }
    }

    /// <summary>Reads inside a step of the kernel model: no switch before it.</summary>
    internal uint ReadInKernel(Worker self, nuint address)
    {
        Cell cell = _cells.At(address);
        _cells.NoteRead(cell, self.Bit);
        _scheduler.Wake(self, cell, isStore: false);
        OfferFlush(self, cell);
        return (uint)Extract(*(ulong*)cell.Address, address, sizeof(uint));
    }

    internal Cell CellAt(nuint address) => _cells.At(address);

    private bool Is(MutantEffect effect, Order order) => _mutant is not null && _mutant.Step == order && _mutant.Effect == effect;

    private void Trace(Worker self, string what, Order order, nuint address, ulong value) =>
        _scheduler.Trace(self, $"{what} {order}: {_scheduler.LabelOf(address)} = {value:x}");

    private static int Shift(nuint address) => (int)(address & 7) * 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(nuint address, int bytes) => (ulong.MaxValue >> (64 - bytes * 8)) << Shift(address);

    private static ulong Extract(ulong cell, nuint address, int bytes) =>
        cell >> Shift(address) & (ulong.MaxValue >> (64 - bytes * 8));

    private static int ChunkBytes(nuint address, int rest) => Math.Min(rest, 8 - (int)(address & 7));
}
