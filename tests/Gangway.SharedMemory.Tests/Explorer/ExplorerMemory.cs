// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>The memory operations of <see cref="IMemory"/>, each a step that the explorer controls.</summary>
/// <remarks>Outside of an execution, when a scenario sets things up or looks at the end, they act at once.</remarks>
internal readonly unsafe struct ExplorerMemory : IMemory
{
    // SAFETY: in all members: the reference leads to memory that does not move (Scenario's contract), so its address is
    // good for as long as the exploration runs.

    public static uint Read(ref readonly uint word, Order order) =>
        Worker.Current is { } self
            ? (uint)self.Scheduler.Memory.Read(self, Address(in word), sizeof(uint), order)
            : word;

    public static ulong Read(ref readonly ulong word, Order order) =>
        Worker.Current is { } self
            ? self.Scheduler.Memory.Read(self, Address(in word), sizeof(ulong), order)
            : word;

    public static void Write(ref uint word, uint value, Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.Write(self, Address(in word), sizeof(uint), value, order);
        else
            word = value;
    }

    public static void Write(ref ulong word, ulong value, Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.Write(self, Address(in word), sizeof(ulong), value, order);
        else
            word = value;
    }

    public static void Fence(Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.Fence(self, order);
    }

    public static void FenceAll(Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.FenceAll(self, order);
    }

    public static uint CompareExchange(ref uint word, uint value, uint comparand, Order order) =>
        Worker.Current is { } self
            ? (uint)self.Scheduler.Memory.CompareExchange(self, Address(in word), sizeof(uint), value, comparand, order)
            : Interlocked.CompareExchange(ref word, value, comparand);

    public static ulong CompareExchange(ref ulong word, ulong value, ulong comparand, Order order) =>
        Worker.Current is { } self
            ? self.Scheduler.Memory.CompareExchange(self, Address(in word), sizeof(ulong), value, comparand, order)
            : Interlocked.CompareExchange(ref word, value, comparand);

    public static void CopyOut(ref byte shared, ReadOnlySpan<byte> source, Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.CopyOut(self, Address(in shared), source, order);
        else
            source.CopyTo(MemoryMarshal.CreateSpan(ref shared, source.Length));
    }

    public static void CopyIn(Span<byte> destination, ref readonly byte shared, Order order)
    {
        if (Worker.Current is { } self)
            self.Scheduler.Memory.CopyIn(self, destination, Address(in shared), order);
        else
            MemoryMarshal.CreateReadOnlySpan(in shared, destination.Length).CopyTo(destination);
    }

    internal static nuint Address<T>(ref readonly T place) =>
        (nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in place));
}
