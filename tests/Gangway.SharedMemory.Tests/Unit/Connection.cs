// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The two segments of a connection, and the ring that goes from one side to the other.</summary>
internal sealed class Connection : IDisposable
{
    private readonly GuardedMemory _writersMemory = new();
    private readonly GuardedMemory _readersMemory = new();

    internal Connection()
    {
        Writers = new Segment(_writersMemory);
        Readers = new Segment(_readersMemory);
        Window = new SendWindow<ProcessMemory>(Readers);
        Writer = new RingWriter<ProcessMemory>(Writers, Window);
        Reader = new RingReader<ProcessMemory>(Writers, Readers);
    }

    /// <summary>What the writer of the ring writes.</summary>
    internal Segment Writers { get; }

    /// <summary>What the reader of the ring writes.</summary>
    internal Segment Readers { get; }

    internal SendWindow<ProcessMemory> Window { get; }

    internal RingWriter<ProcessMemory> Writer { get; }

    internal RingReader<ProcessMemory> Reader { get; }

    /// <summary>The bytes of the ring.</summary>
    internal Span<byte> Ring => MemoryMarshal.CreateSpan(
        ref Writers.Bytes(SegmentLayout.RingOffset, SegmentLayout.RingBytes), SegmentLayout.RingBytes);

    /// <summary>The first word of the record at a place of the ring.</summary>
    internal ref ulong FirstWord(int place) => ref Writers.Word64(SegmentLayout.RingOffset + place);

    /// <summary>What the reader says that it has read.</summary>
    internal ref ulong Head => ref Readers.Word64(SegmentLayout.HeadOffset);

    /// <summary>What the reader says that it has completed.</summary>
    internal ref ulong Done => ref Readers.Word64(SegmentLayout.DoneOffset);

    /// <summary>A reader that starts at the beginning.</summary>
    internal RingReader<ProcessMemory> NewReader() => new(Writers, Readers);

    /// <summary>Admits and writes a request of a length; fails if there is no room.</summary>
    internal void MustWrite(RecordHeader header, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        uint messages = header.Kind == RecordKind.Message ? 1u : 0u;
        Assert.Equal(Admission.Admitted, Window.TryAdmit(header.LengthBytes, messages));
        Writer.Write(header, extension, payload);
    }

    /// <summary>Writes and reads records of one line until the next one starts at a place.</summary>
    internal void GoTo(int place)
    {
        byte[] scratch = new byte[RecordHeader.RecordBytesMax];
        while ((int)(Reader.Position % SegmentLayout.RingBytes) != place)
        {
            MustWrite(new RecordHeader(RecordKind.Request, RecordFlags.None, RecordHeader.Bytes, 0), [], []);
            Assert.Equal(RingRead.Record, Reader.TryRead(scratch, out _));
        }
    }

    public void Dispose()
    {
        Writers.Dispose();
        Readers.Dispose();
        _writersMemory.Dispose();
        _readersMemory.Dispose();
    }
}
