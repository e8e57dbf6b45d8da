// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>The memory operations that lock-free code is built from.</summary>
/// <remarks>
/// A type parameter constrained to this interface is how one source runs twice: with
/// <see cref="ProcessMemory"/> each member compiles to a plain move or one locked instruction; with a
/// test's implementation each member yields to a scheduler that explores interleavings, keeps store
/// buffers and kills threads. The <see cref="Order"/> argument names the step in
/// <c>docs/memory-ordering/</c>; production ignores it, a test can leave that one step out.
/// </remarks>
internal interface IMemory
{
    /// <summary>Reads a word with acquire ordering.</summary>
    static abstract uint Read(ref readonly uint word, Order order);

    /// <inheritdoc cref="Read(ref readonly uint, Order)"/>
    static abstract ulong Read(ref readonly ulong word, Order order);

    /// <summary>Writes a word with release ordering.</summary>
    static abstract void Write(ref uint word, uint value, Order order);

    /// <inheritdoc cref="Write(ref uint, uint, Order)"/>
    static abstract void Write(ref ulong word, ulong value, Order order);

    /// <summary>A full fence: everything before it is visible to all before anything after it is done.</summary>
    static abstract void Fence(Order order);

    /// <summary>
    /// A full fence on every thread of this process, wherever that is at this moment: a system call, for the side of a rare
    /// event, so that the other side needs none.
    /// </summary>
    static abstract void FenceAll(Order order);

    /// <summary>Compare-and-swap, also a full fence. Returns what the word held before.</summary>
    static abstract uint CompareExchange(ref uint word, uint value, uint comparand, Order order);

    /// <inheritdoc cref="CompareExchange(ref uint, uint, uint, Order)"/>
    static abstract ulong CompareExchange(ref ulong word, ulong value, ulong comparand, Order order);

    /// <summary>Copies bytes that no word protects yet into memory that the other side may look at.</summary>
    static abstract void CopyOut(ref byte shared, ReadOnlySpan<byte> source, Order order);

    /// <summary>Copies bytes that the other side may be changing into private memory.</summary>
    static abstract void CopyIn(Span<byte> destination, ref readonly byte shared, Order order);
}
