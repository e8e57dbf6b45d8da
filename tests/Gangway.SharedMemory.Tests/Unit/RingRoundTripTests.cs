// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Honest writer, honest reader: what goes in comes out, byte for byte, wherever it lies.</summary>
public sealed class RingRoundTripTests(ITestOutputHelper output)
{
    private const int LineBytes = SegmentLayout.LineBytes;
    private const ulong PadWord = 16 | 3 << 16;

    private readonly byte[] _scratch = new byte[RecordHeader.RecordBytesMax];

    [Fact]
    public void Records_OfEverySize_ComeOutByteForByteAcrossWraps()
    {
        Random random = Seed.Take(output).Random();
        using var connection = new Connection();
        random.NextBytes(connection.Ring);
        connection.FirstWord(0) = 0;

        int[] sizes = Enumerable.Range(RecordHeader.Bytes, RecordHeader.RecordBytesMax - RecordHeader.Bytes + 1).ToArray();
        var waiting = new Queue<byte[]>();
        long written = 0, wraps = 0;
        for (int round = 0; round < 20; round++)
        {
            random.Shuffle(sizes);
            foreach (int size in sizes)
            {
                byte[] record = MakeRecord(random, size);
                while (connection.Window.TryAdmit(size, IsMessage(record)) != Admission.Admitted)
                    ReadOne(connection, waiting);
                Write(connection, random, record);
                waiting.Enqueue(record);
                written += RecordHeader.OccupiedBytes(size);
                while (waiting.Count != 0 && random.Next(3) == 0)
                    ReadOne(connection, waiting);
            }
        }

        while (waiting.Count != 0)
            ReadOne(connection, waiting);
        Assert.Equal(RingRead.Empty, connection.Reader.TryRead(_scratch, out _));
        wraps = (long)connection.Reader.Position / SegmentLayout.RingBytes;
        Assert.True(wraps > 500, $"only {wraps} wraps");
        Assert.Equal(20 * sizes.Length, connection.Writer.Messages + connection.Writer.Requests);
        Assert.True((long)connection.Reader.Position >= written);
    }

    [Fact]
    public void Pad_AtEachPlaceWhereOneCanStand_SendsTheRecordToTheStart()
    {
        int lines = SegmentLayout.RingBytes / LineBytes;
        int linesMax = RecordHeader.OccupiedBytes(RecordHeader.RecordBytesMax) / LineBytes;
        int pads = 0;
        using var connection = new Connection();
        for (int size = 2; size <= linesMax; size++)
        {
            for (int line = lines - size + 1; line < lines; line++)
            {
                connection.GoTo(line * LineBytes);
                ulong start = connection.Reader.Position;
                byte[] payload = Enumerable.Repeat((byte)(size * 16 + line), LengthOf(size) - RecordHeader.Bytes).ToArray();
                var header = new RecordHeader(RecordKind.Request, RecordFlags.None, LengthOf(size), 7, 3, 9);
                ulong end = connection.Writer.EndOf(header.LengthBytes);
                connection.MustWrite(header, [], payload);

                Assert.Equal(PadWord, connection.FirstWord(line * LineBytes));
                Assert.Equal(header.First, connection.FirstWord(0));
                Assert.Equal(0ul, connection.FirstWord(size * LineBytes));
                Assert.Equal(RingRead.Record, connection.Reader.TryRead(_scratch, out RecordHeader read));
                Assert.Equal(header, read);
                Assert.Equal(payload, _scratch[RecordHeader.Bytes..header.LengthBytes]);
                Assert.Equal(start + (ulong)((lines - line + size) * LineBytes), connection.Reader.Position);
                Assert.Equal(end, connection.Reader.Position);
                Assert.Equal(connection.Reader.Position, connection.Head);
                pads++;
            }
        }

        Assert.Equal(linesMax * (linesMax - 1) / 2, pads);
    }

    [Fact]
    public void Record_ThatEndsExactlyAtTheEnd_NeedsNoPadAndZeroesTheStart()
    {
        using var connection = new Connection();
        for (int size = 1; size <= RecordHeader.OccupiedBytes(RecordHeader.RecordBytesMax) / LineBytes; size++)
        {
            int place = SegmentLayout.RingBytes - size * LineBytes;
            connection.GoTo(place);
            ulong start = connection.Reader.Position;
            Assert.NotEqual(0ul, connection.FirstWord(0));
            var header = new RecordHeader(RecordKind.Request, RecordFlags.None, LengthOf(size), 1);
            connection.MustWrite(header, [], new byte[LengthOf(size) - RecordHeader.Bytes]);

            Assert.Equal(header.First, connection.FirstWord(place));
            Assert.Equal(0ul, connection.FirstWord(0));
            Assert.Equal(RingRead.Record, connection.Reader.TryRead(_scratch, out _));
            Assert.Equal(start + (ulong)(size * LineBytes), connection.Reader.Position);
            Assert.Equal(RingRead.Empty, connection.Reader.TryRead(_scratch, out _));
        }
    }

    [Fact]
    public void ZeroAhead_OverOldBytes_StopsTheReaderBehindEachRecord()
    {
        using var connection = new Connection();
        connection.Ring.Fill(0xFF);
        connection.FirstWord(0) = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.False(connection.Reader.HasRecord());
            Assert.Equal(RingRead.Empty, connection.Reader.TryRead(_scratch, out _));
            int length = LengthOf(1 + i % 12);
            connection.MustWrite(
                new RecordHeader(RecordKind.Request, RecordFlags.None, length, 1), [], new byte[length - RecordHeader.Bytes]);
            Assert.True(connection.Reader.HasRecord());
            Assert.Equal(RingRead.Record, connection.Reader.TryRead(_scratch, out RecordHeader read));
            Assert.Equal(length, read.LengthBytes);
        }
    }

    private static int LengthOf(int lines) => Math.Min(lines * LineBytes, RecordHeader.RecordBytesMax);

    private static uint IsMessage(byte[] record) => record[2] == (byte)RecordKind.Message ? 1u : 0u;

    private static byte[] MakeRecord(Random random, int size)
    {
        byte[] record = new byte[size];
        random.NextBytes(record);
        RecordKind kind = random.Next(2) == 0 ? RecordKind.Message : RecordKind.Request;
        var header = new RecordHeader(
            kind, (RecordFlags)random.Next(16), size, (uint)random.NextInt64(), random.Next(64),
            (ulong)random.NextInt64() & RecordHeader.GenerationMask);
        ulong first = header.First, second = header.Second;
        MemoryMarshal.Write(record, in first);
        MemoryMarshal.Write(record.AsSpan(sizeof(ulong)), in second);
        return record;
    }

    private static void Write(Connection connection, Random random, byte[] record)
    {
        int split = random.Next(RecordHeader.Bytes, record.Length + 1);
        var header = new RecordHeader(MemoryMarshal.Read<ulong>(record), MemoryMarshal.Read<ulong>(record.AsSpan(sizeof(ulong))));
        connection.Writer.Write(header, record.AsSpan(RecordHeader.Bytes, split - RecordHeader.Bytes), record.AsSpan(split));
    }

    private void ReadOne(Connection connection, Queue<byte[]> waiting)
    {
        byte[] expected = waiting.Dequeue();
        Assert.Equal(RingRead.Record, connection.Reader.TryRead(_scratch, out RecordHeader header));
        Assert.Equal(expected.Length, header.LengthBytes);
        Assert.True(expected.AsSpan().SequenceEqual(_scratch.AsSpan(0, header.LengthBytes)));
        Assert.Equal(MemoryMarshal.Read<ulong>(expected), header.First);
        Assert.Equal(MemoryMarshal.Read<ulong>(expected.AsSpan(sizeof(ulong))), header.Second);
        connection.Done += IsMessage(expected);
    }
}
