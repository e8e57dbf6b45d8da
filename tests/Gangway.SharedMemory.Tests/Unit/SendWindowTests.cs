// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Admission: all that is admitted fits, credits are exact, and whoever was refused is admitted later.</summary>
public sealed class SendWindowTests(ITestOutputHelper output)
{
    private const int LineBytes = SegmentLayout.LineBytes;
    private const int RingLines = SegmentLayout.RingBytes / LineBytes;
    private const int LargestLines = (RecordHeader.RecordBytesMax + LineBytes - 1) / LineBytes;

    private readonly byte[] _scratch = new byte[RecordHeader.RecordBytesMax];

    [Fact]
    public void TryAdmit_RandomPrograms_AgreeWithTheModel() => RunModel(start: 0, messages: 0);

    [Theory]
    [InlineData((1ul << 32) * LineBytes, 1ul << 32)] // Lines and messages pass 2^32 together.
    [InlineData((1ul << 32) * LineBytes, 17ul)]
    [InlineData(1ul << 32, (1ul << 31) + 5)] // The position passes 2^32, messages pass 2^31.
    [InlineData((1ul << 38) + 8128, 1ul << 33)]
    public void TryAdmit_CountersThatWrap_AgreeWithTheModel(ulong position, ulong messages) =>
        RunModel(position - 4096, messages - 9);

    [Fact]
    public void TryAdmit_MessagesWithoutCredit_AreRefusedUntilOneIsCompleted()
    {
        using var connection = new Connection();
        for (int i = 0; i < SegmentLayout.MessageCredits; i++)
            Assert.Equal(Admission.Admitted, connection.Window.TryAdmit(RecordHeader.Bytes, 1));
        Assert.Equal(Admission.Refused, connection.Window.TryAdmit(RecordHeader.Bytes, 1));
        Assert.Equal(Admission.Refused, connection.Window.Recheck(1));
        Assert.Equal(Admission.Admitted, connection.Window.TryAdmit(RecordHeader.Bytes, 0));
        Assert.Equal(Admission.Admitted, connection.Window.Recheck(0));

        connection.Done = 1;
        Assert.Equal(Admission.Admitted, connection.Window.Recheck(1));
        Assert.Equal(Admission.Admitted, connection.Window.TryAdmit(RecordHeader.Bytes, 1));
        Assert.Equal(Admission.Refused, connection.Window.TryAdmit(RecordHeader.Bytes, 1));
        Assert.Equal(1ul, connection.Window.Done);
    }

    [Fact]
    public void TryAdmit_FullRing_LeavesRoomForOnePadAndTheZeroAhead()
    {
        using var connection = new Connection();
        int lines = 0;
        while (connection.Window.TryAdmit(RecordHeader.Bytes, 0) == Admission.Admitted)
            lines++;
        Assert.Equal(RingLines - 1 - (LargestLines - 1), lines);
        Assert.Equal(Admission.Refused, connection.Window.Recheck(0));
    }

    [Fact]
    public void Recheck_Admitted_MeansThatTheLargestRecordFitsNow()
    {
        using var connection = new Connection();
        int lines = 0;
        while (connection.Window.Recheck(0) == Admission.Admitted)
        {
            Assert.Equal(Admission.Admitted, connection.Window.TryAdmit(RecordHeader.Bytes, 0));
            lines++;
        }

        Assert.Equal(Admission.Refused, connection.Window.TryAdmit(RecordHeader.RecordBytesMax, 0));
        Assert.True(lines > RingLines / 2);
    }

    private void RunModel(ulong start, ulong messages)
    {
        Random random = Seed.Take(output).Random();
        using var connection = new Connection();
        RingPositions.Set(connection.Window, start, messages);
        RingPositions.Set(connection.Writer, start);
        RingPositions.Set(connection.Reader, start);
        connection.Head = start;
        connection.Done = messages;

        var admitted = new Queue<RecordHeader>();
        var written = new Queue<RecordHeader>();
        ulong position = start, head = start;
        int unwritten = 0, credits = SegmentLayout.MessageCredits, refusals = 0, handled = 0, steps = TestLevel.Pick(20_000, 300_000, 30_000_000);
        for (int step = 0; step < steps; step++)
        {
            // Phases in which one side is quicker, so that both full and empty are reached.
            int bias = step / 500 % 3;
            switch (random.Next(4 + bias))
            {
                case 0 or 1:
                    bool isMessage = random.Next(2) == 0;
                    int length = random.Next(2) == 0 ? RecordHeader.Bytes : random.Next(RecordHeader.Bytes, RecordHeader.RecordBytesMax + 1);
                    int lines = RecordHeader.OccupiedBytes(length) / LineBytes;
                    int inUse = (int)((position - head) / LineBytes) + unwritten;
                    bool fits = inUse + lines <= RingLines - LargestLines && (!isMessage || credits > 0);
                    Admission admission = connection.Window.TryAdmit(length, isMessage ? 1u : 0u);
                    Assert.Equal(fits ? Admission.Admitted : Admission.Refused, admission);
                    refusals += fits ? 0 : 1;
                    if (fits)
                    {
                        RecordKind kind = isMessage ? RecordKind.Message : RecordKind.Request;
                        admitted.Enqueue(new RecordHeader(kind, RecordFlags.None, length, (uint)step));
                        unwritten += lines;
                        credits -= isMessage ? 1 : 0;
                    }

                    break;
                case 2 when admitted.Count != 0:
                    RecordHeader record = admitted.Dequeue();
                    ulong end = connection.Writer.EndOf(record.LengthBytes);
                    connection.Writer.Write(record, [], new byte[record.LengthBytes - RecordHeader.Bytes]);
                    position = EndOf(position, RecordHeader.OccupiedBytes(record.LengthBytes));
                    Assert.Equal(position, end);
                    Assert.True(position + LineBytes - head <= SegmentLayout.RingBytes, "a write met what is not read yet");
                    unwritten -= RecordHeader.OccupiedBytes(record.LengthBytes) / LineBytes;
                    written.Enqueue(record);
                    break;
                case > 2 when written.Count != 0:
                    RecordHeader expected = written.Dequeue();
                    Assert.Equal(RingRead.Record, connection.Reader.TryRead(_scratch, out RecordHeader read));
                    Assert.Equal(expected, read);
                    head = connection.Reader.Position;
                    if (read.Kind == RecordKind.Message)
                    {
                        connection.Done++;
                        credits++;
                    }

                    handled++;
                    break;
            }
        }

        Assert.True(refusals > 100 && handled > 1000, $"{refusals} refusals, {handled} records");
    }

    private static ulong EndOf(ulong position, int occupied)
    {
        int toEnd = SegmentLayout.RingBytes - (int)(position % SegmentLayout.RingBytes);
        return position + (ulong)occupied + (occupied > toEnd ? (ulong)toEnd : 0);
    }
}
