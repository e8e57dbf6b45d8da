// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>A segment in ordinary memory, whose contents can be put back.</summary>
internal sealed unsafe class TestSegment
{
    private readonly Segment _segment;
    private readonly byte[] _image = new byte[SegmentLayout.SegmentBytes];

    internal TestSegment(string name, Labels labels)
    {
        _segment = Make();
        labels.Add(ExplorerMemory.Address(in _segment.Bytes(0, 1)), SegmentLayout.SegmentBytes, offset => Label(name, offset));
    }

    internal Segment Segment => _segment;

    /// <summary>Remembers the contents.</summary>
    internal void Remember() => Contents.CopyTo(_image);

    /// <summary>Puts back what was remembered.</summary>
    internal void Restore() => _image.CopyTo(Contents);

    private Span<byte> Contents => MemoryMarshal.CreateSpan(
        ref _segment.Bytes(0, SegmentLayout.SegmentBytes), SegmentLayout.SegmentBytes);

    // Nobody disposes of it: a scenario has no end that one could name, so the finalizer gives the memory back.
    private static Segment Make() => new(new Memory());

    private static string Label(string name, int offset) => name + offset switch
    {
        >= SegmentLayout.SlotsOffset => $" slot {(offset - SegmentLayout.SlotsOffset) / SegmentLayout.SlotBytes}"
            + $"+{(offset - SegmentLayout.SlotsOffset) % SegmentLayout.SlotBytes}",
        >= SegmentLayout.RingOffset => $" ring+{offset - SegmentLayout.RingOffset}",
        >= SegmentLayout.WaitingOffset => $" waiting {(offset - SegmentLayout.WaitingOffset) / sizeof(uint)}",
        >= SegmentLayout.ReplyAckOffset and < SegmentLayout.ReplyAckOffset + 16 => $" reply ack+{offset - SegmentLayout.ReplyAckOffset}",
        SegmentLayout.CancelsOffset => " cancels",
        >= SegmentLayout.ReplySetOffset and < SegmentLayout.ReplySetOffset + 16 => $" reply set+{offset - SegmentLayout.ReplySetOffset}",
        SegmentLayout.HeadOffset => " head",
        SegmentLayout.DoneOffset => " done",
        SegmentLayout.SleepOffset => " sleep",
        SegmentLayout.WantedOffset => " wanted",
        _ => $"+{offset}",
    };

    private sealed class Memory : SafeBuffer
    {
        internal Memory() : base(ownsHandle: true)
        {
            Initialize(SegmentLayout.SegmentBytes);
            SetHandle((nint)NativeMemory.AlignedAlloc(SegmentLayout.SegmentBytes, SegmentLayout.LineBytes));
            NativeMemory.Clear((void*)handle, SegmentLayout.SegmentBytes);
        }

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
