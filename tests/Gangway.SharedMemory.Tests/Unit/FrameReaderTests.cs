// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gangway.Transports;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The private copy of a record taken apart: extensions in their order, each bound checked.</summary>
[Rule("SH-05")]
public sealed class FrameReaderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(1 | 2, 16)]
    [InlineData(4, 24)]
    [InlineData(8, 32)]
    [InlineData(15, 72)]
    public void Extension_OfEachKind_StandsBeforeThePayload(int bits, int extensionBytes)
    {
        var flags = (RecordFlags)bits;
        byte[] record = Make(flags, chain: 2, payloadBytes: 100, deadline: 12346);
        Assert.True(FrameReader.TryRead(HeaderOf(record), record, out Frame frame));
        Assert.Equal(FrameKind.Request, frame.Kind);
        Assert.Equal(((ushort)(16 + extensionBytes), (ushort)100), (frame.PayloadOffset, frame.PayloadBytes));
        Assert.Equal((flags & RecordFlags.Deadline) != 0 ? 12346 : long.MaxValue, frame.Deadline.Nanoseconds);
        Assert.False(frame.Deadline.IsImplied);
        Assert.Equal((77u, 63, 9ul), (frame.Operation, frame.Slot, frame.Generation));
    }

    [Theory]
    [InlineData(0ul, true)]
    [InlineData(16ul, true)]
    [InlineData(17ul, false)]
    [InlineData(1ul << 32, false)]
    [InlineData(ulong.MaxValue, false)]
    [InlineData((ulong)long.MaxValue, false)]
    [InlineData((1ul << 61) - 1, false)]
    public void Chain_LongerThanTheBound_IsALie(ulong count, bool isGood)
    {
        byte[] record = Make(RecordFlags.Chain, chain: 16, payloadBytes: 0, deadline: 0);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), count);
        Assert.Equal(isGood, FrameReader.TryRead(HeaderOf(record), record, out _));
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(513, false)]
    [InlineData(696, false)]
    public void Payload_OverTheInlineBound_IsALie(int bytes, bool isGood)
    {
        byte[] record = Make(RecordFlags.None, chain: 0, payloadBytes: bytes, deadline: 0);
        Assert.Equal(isGood, FrameReader.TryRead(HeaderOf(record), record, out _));
    }

    [Fact]
    public void Records_OfEveryFlagsAndLength_AreTakenApartInsideTheirBounds()
    {
        Random random = Seed.Take(output).Random();
        byte[] record = new byte[RecordHeader.RecordBytesMax];
        int good = 0, bad = 0;
        for (int length = RecordHeader.Bytes; length <= RecordHeader.RecordBytesMax; length++)
        {
            for (int flags = 0; flags <= (int)RecordFlags.All; flags++)
            {
                random.NextBytes(record);
                if (random.Next(2) == 0)
                    BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16 + 8 * random.Next(3)), (ulong)random.Next(20));
                var header = new RecordHeader(RecordKind.Message, (RecordFlags)flags, length, 1);
                if (!FrameReader.TryRead(header, record, out Frame frame))
                {
                    bad++;
                    continue;
                }

                good++;
                Assert.Equal(length, frame.PayloadOffset + frame.PayloadBytes);
                Assert.InRange(frame.PayloadOffset, RecordHeader.Bytes, length);
                Assert.InRange(frame.PayloadBytes, 0, SegmentLayout.InlineBytes);
                Assert.Equal(FrameKind.Message, frame.Kind);
            }
        }

        Assert.True(good > 1000 && bad > 100, $"{good} good, {bad} bad");
    }

    private static RecordHeader HeaderOf(byte[] record) =>
        new(MemoryMarshal.Read<ulong>(record), MemoryMarshal.Read<ulong>(record.AsSpan(8)));

    private static byte[] Make(RecordFlags flags, int chain, int payloadBytes, ulong deadline)
    {
        var extension = new List<byte>();
        if ((flags & RecordFlags.LargestReply) != 0)
            extension.AddRange(BitConverter.GetBytes(240ul));
        if ((flags & RecordFlags.Deadline) != 0)
            extension.AddRange(BitConverter.GetBytes(deadline));
        if ((flags & RecordFlags.Chain) != 0)
        {
            extension.AddRange(BitConverter.GetBytes((ulong)chain));
            extension.AddRange(new byte[8 * chain]);
        }

        if ((flags & RecordFlags.Trace) != 0)
            extension.AddRange(new byte[32]);
        int length = RecordHeader.Bytes + extension.Count + payloadBytes;
        var header = new RecordHeader(RecordKind.Request, flags, length, 77, 63, 9);
        return [.. BitConverter.GetBytes(header.First), .. BitConverter.GetBytes(header.Second), .. extension, .. new byte[payloadBytes]];
    }
}
