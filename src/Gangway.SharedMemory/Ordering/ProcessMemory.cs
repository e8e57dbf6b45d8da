// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.SharedMemory;

/// <summary>The processor's own memory: what production code runs on.</summary>
/// <remarks>
/// <see cref="Volatile"/> is acquire and release, <see cref="Interlocked"/> a full fence, on every
/// architecture .NET runs on; nothing here leans on x86.
/// </remarks>
internal readonly struct ProcessMemory : IMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref readonly uint word, Order order) => Volatile.Read(in word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref readonly ulong word, Order order) => Volatile.Read(in word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref uint word, uint value, Order order) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref ulong word, ulong value, Order order) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence(Order order) => Interlocked.MemoryBarrier();

    public static void FenceAll(Order order) => Interlocked.MemoryBarrierProcessWide();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(ref uint word, uint value, uint comparand, Order order) =>
        Interlocked.CompareExchange(ref word, value, comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ref ulong word, ulong value, ulong comparand, Order order) =>
        Interlocked.CompareExchange(ref word, value, comparand);

    // SAFETY: the caller's range check covers source.Length bytes behind `shared` (see Segment).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyOut(ref byte shared, ReadOnlySpan<byte> source, Order order) =>
        Unsafe.CopyBlockUnaligned(ref shared, in MemoryMarshal.GetReference(source), (uint)source.Length);

    // SAFETY: the caller's range check covers destination.Length bytes behind `shared` (see Segment).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyIn(Span<byte> destination, ref readonly byte shared, Order order) =>
        Unsafe.CopyBlockUnaligned(ref MemoryMarshal.GetReference(destination), in shared, (uint)destination.Length);
}
