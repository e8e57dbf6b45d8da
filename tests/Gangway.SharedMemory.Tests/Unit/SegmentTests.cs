// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Segment and header: bounds, alignment, and a header that lies in any word.</summary>
public sealed class SegmentTests
{
    [Theory]
    [InlineData(SegmentLayout.SegmentBytes, 1)]
    [InlineData(SegmentLayout.SegmentBytes - 1, 2)]
    [InlineData(0, SegmentLayout.SegmentBytes + 1)]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(4096, int.MinValue)]
    [Rule("SH-05")]
    public void Bytes_OutsideOfTheSegment_Throws(int offset, int bytes)
    {
        using var memory = new GuardedMemory();
        using var segment = new Segment(memory);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(offset, bytes));
    }

    [Fact]
    public void Segment_TooShortOrUnaligned_IsRefusedAndLetsTheBufferGo()
    {
        using var shorter = new HeapMemory(SegmentLayout.SegmentBytes - 1, skew: 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Segment(shorter));
        var unaligned = new HeapMemory(SegmentLayout.SegmentBytes, skew: 8);
        Assert.Throws<ArgumentException>(() => new Segment(unaligned));
        unaligned.Dispose();
        Assert.True(unaligned.WasReleased);
    }

    [Fact]
    public void Segment_DisposedTwice_ReleasesOnce()
    {
        var memory = new HeapMemory(SegmentLayout.SegmentBytes, skew: 0);
        var segment = new Segment(memory);
        memory.Dispose();
        Assert.False(memory.WasReleased);
        segment.Dispose();
        segment.Dispose();
        Assert.True(memory.WasReleased);
    }

    [Fact]
    public void Header_Written_IsGood()
    {
        using var memory = new GuardedMemory();
        using var segment = new Segment(memory);
        Assert.False(SegmentHeader.IsGood(segment, default));
        SegmentHeader.Write(segment, default);
        Assert.True(SegmentHeader.IsGood(segment, default));
    }

    [Fact]
    [Rule("SH-05")]
    public void Header_AnyWordChanged_IsNotGood()
    {
        using var memory = new GuardedMemory();
        using var segment = new Segment(memory);
        SegmentHeader.Write(segment, default);
        int geometryEnd = SegmentLayout.GeometryOffset + SegmentShape.GeometryWords * sizeof(uint);
        for (int offset = 0; offset < geometryEnd; offset += sizeof(uint))
        {
            for (int bit = 0; bit < 32; bit++)
            {
                segment.Word32(offset) ^= 1u << bit;
                Assert.False(SegmentHeader.IsGood(segment, default), $"offset {offset}, bit {bit}");
                segment.Word32(offset) ^= 1u << bit;
            }
        }

        Assert.True(SegmentHeader.IsGood(segment, default));
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(1u, true)]
    [InlineData(2u, true)] // Closed again already.
    [InlineData(3u, true)]
    [InlineData(4u, false)]
    [InlineData(0x8000_0001u, false)]
    [InlineData(uint.MaxValue, false)]
    [Rule("SH-05")]
    public void Header_InAState_IsGoodIfItWasOpened(uint state, bool isGood)
    {
        using var memory = new GuardedMemory();
        using var segment = new Segment(memory);
        SegmentHeader.Write(segment, default);
        segment.Word32(SegmentLayout.StateOffset) = state;
        Assert.Equal(isGood, SegmentHeader.IsGood(segment, default));
    }

    private sealed unsafe class HeapMemory : SafeBuffer
    {
        private readonly nint _start;

        internal HeapMemory(int bytes, int skew)
            : base(ownsHandle: true)
        {
            _start = (nint)NativeMemory.AlignedAlloc((nuint)(SegmentLayout.SegmentBytes + 64), 64);
            SetHandle(_start + skew);
            Initialize((ulong)bytes);
        }

        internal bool WasReleased { get; private set; }

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)_start);
            return WasReleased = true;
        }
    }
}
