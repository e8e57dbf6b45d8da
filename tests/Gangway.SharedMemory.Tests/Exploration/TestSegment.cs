// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>A segment in ordinary memory, whose contents can be put back.</summary>
internal sealed unsafe class TestSegment
{
    private readonly Segment _segment;
    private readonly byte[] _image;

    internal TestSegment(string name, Labels labels)
        : this(SegmentLayout.SegmentBytes, labels, offset => Label(name, offset))
    {
    }

    internal TestSegment(int bytes, Labels labels, Func<int, string> label)
    {
        _image = new byte[bytes];
        _segment = Make(bytes);
        labels.Add(ExplorerMemory.Address(in _segment.Bytes(0, 1)), bytes, label);
    }

    internal Segment Segment => _segment;

    /// <summary>Remembers the contents.</summary>
    internal void Remember() => Contents.CopyTo(_image);

    /// <summary>Puts back what was remembered.</summary>
    internal void Restore() => _image.CopyTo(Contents);

    private Span<byte> Contents => MemoryMarshal.CreateSpan(ref _segment.Bytes(0, _image.Length), _image.Length);

    // Nobody disposes of it: a scenario has no end that one could name, so the finalizer gives the memory back.
    private static Segment Make(int bytes) => new(new Memory(bytes), bytes);

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
        internal Memory(int bytes) : base(ownsHandle: true)
        {
            Initialize((ulong)bytes);
            SetHandle((nint)NativeMemory.AlignedAlloc((nuint)bytes, SegmentLayout.LineBytes));
            NativeMemory.Clear((void*)handle, (nuint)bytes);
        }

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
