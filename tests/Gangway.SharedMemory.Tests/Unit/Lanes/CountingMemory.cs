// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The processor's memory, with counts for the calling thread: what a step costs, without a clock.</summary>
internal readonly struct CountingMemory : IMemory
{
    [ThreadStatic]
    private static long t_reads;

    [ThreadStatic]
    private static long t_locked;

    /// <summary>How often the calling thread read a shared or private word.</summary>
    internal static long Reads => t_reads;

    /// <summary>How many fences and locked instructions the calling thread has done.</summary>
    internal static long Locked => t_locked;

    public static uint Read(ref readonly uint word, Order order)
    {
        t_reads++;
        return ProcessMemory.Read(in word, order);
    }

    public static ulong Read(ref readonly ulong word, Order order)
    {
        t_reads++;
        return ProcessMemory.Read(in word, order);
    }

    public static void Write(ref uint word, uint value, Order order) => ProcessMemory.Write(ref word, value, order);

    public static void Write(ref ulong word, ulong value, Order order) => ProcessMemory.Write(ref word, value, order);

    public static void Fence(Order order)
    {
        t_locked++;
        ProcessMemory.Fence(order);
    }

    public static void FenceAll(Order order)
    {
        t_locked++;
        ProcessMemory.FenceAll(order);
    }

    public static uint CompareExchange(ref uint word, uint value, uint comparand, Order order)
    {
        t_locked++;
        return ProcessMemory.CompareExchange(ref word, value, comparand, order);
    }

    public static ulong CompareExchange(ref ulong word, ulong value, ulong comparand, Order order)
    {
        t_locked++;
        return ProcessMemory.CompareExchange(ref word, value, comparand, order);
    }

    public static void CopyOut(ref byte shared, ReadOnlySpan<byte> source, Order order) =>
        ProcessMemory.CopyOut(ref shared, source, order);

    public static void CopyIn(Span<byte> destination, ref readonly byte shared, Order order) =>
        ProcessMemory.CopyIn(destination, in shared, order);
}
