// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.SharedMemory;

/// <summary>One piece of memory that two domains map: the one place where a mapping becomes addresses.</summary>
/// <remarks>
/// Whoever writes through it is decided by the mapping: one side has it writable, the other read-only.
/// </remarks>
internal sealed unsafe class Segment : IDisposable
{
    // Design:
    //
    // A segment holds its buffer from construction to disposal or finalization, so an address taken from a segment
    // that somebody can reach is mapped. A connection is closed by putting zero pages under the same addresses
    // (Mapping.ReplaceWithZeroPages); a thread that comes late reads zeros and writes into memory that nobody reads.
    // The range itself goes when the last object that can reach the segment is gone: the collector is the count.
    //
    // Words are not checked in release builds. So who takes a segment that is not a connection's checks when it is made
    // that all its words lie inside (Bytes), and takes no index from a peer.
    //
    // INVARIANT: _base is 64-byte aligned and _length bytes behind it are mapped.

    private readonly SafeBuffer _buffer;
    private readonly byte* _base;
    private readonly int _length;
    private int _isReleased;

    /// <summary>Takes hold of the mapping of a connection's segment.</summary>
    /// <param name="buffer">At least <see cref="SegmentLayout.SegmentBytes"/> long; page or line aligned.</param>
    internal Segment(SafeBuffer buffer)
        : this(buffer, SegmentLayout.SegmentBytes)
    {
    }

    /// <summary>Takes hold of a mapping.</summary>
    /// <param name="buffer">At least so long; page or line aligned.</param>
    /// <param name="lengthBytes">How much of it is the segment.</param>
    internal Segment(SafeBuffer buffer, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.ByteLength, (ulong)lengthBytes);
        byte* address = null;
        buffer.AcquirePointer(ref address);
        if ((nuint)address % SegmentLayout.LineBytes != 0)
        {
            buffer.ReleasePointer();
            throw new ArgumentException("A segment starts on a cache line.", nameof(buffer));
        }

        _buffer = buffer;
        _base = address;
        _length = lengthBytes;
    }

    /// <summary>Gives the buffer back when nothing can reach the segment any more.</summary>
    ~Segment() => Release();

    /// <summary>The 32-bit word at an offset of the layout.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref uint Word32(int offset)
    {
        Debug.Assert((uint)offset <= _length - sizeof(uint) && offset % sizeof(uint) == 0);

        // SAFETY: callers pass a layout constant, or one plus an index that they masked or checked: inside the buffer,
        // which this object holds.
        return ref *(uint*)(_base + offset);
    }

    /// <summary>The 64-bit word at an offset of the layout.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong Word64(int offset)
    {
        Debug.Assert((uint)offset <= _length - sizeof(ulong) && offset % sizeof(ulong) == 0);

        // SAFETY: as in Word32.
        return ref *(ulong*)(_base + offset);
    }

    /// <summary>The first of <paramref name="bytes"/> bytes at an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref byte Bytes(int offset, int bytes)
    {
        // Lengths come from checked copies of peer data, so this check stays in release builds: it is the last fence.
        if ((uint)offset > (uint)_length || (uint)bytes > (uint)(_length - offset))
            ThrowOutside(offset, bytes);

        // SAFETY: checked above, and the buffer is held by this object.
        return ref *(_base + offset);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            _buffer?.ReleasePointer();
    }

    private static void ThrowOutside(int offset, int bytes) =>
        throw new ArgumentOutOfRangeException(nameof(offset), $"{bytes} bytes at {offset} are outside of the segment.");
}
