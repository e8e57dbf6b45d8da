// SPDX-License-Identifier: MIT

using System.Text;
using Gangway.Transports;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Every constant of the bytes against the tables of docs/PROTOCOL.md.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Segment_Offsets_AreThoseOfTheDocument()
    {
        Dictionary<string, int> table = ProtocolDocument.Offsets("## 4. ");
        Assert.Equal(SegmentLayout.MagicOffset, table["magic"]);
        Assert.Equal(SegmentLayout.VersionOffset, table["version"]);
        Assert.Equal(SegmentLayout.GeometryOffset, table["segmentBytes"]);
        Assert.Equal(SegmentLayout.HeadOffset, table["head"]);
        Assert.Equal(SegmentLayout.DoneOffset, table["done"]);
        Assert.Equal(SegmentLayout.StateOffset, table["state"]);
        Assert.Equal(SegmentLayout.ReasonOffset, table["reason"]);
        Assert.Equal(SegmentLayout.SleepOffset, table["sleep"]);
        Assert.Equal(SegmentLayout.CpuOffset, table["cpu"]);
        Assert.Equal(SegmentLayout.WantedOffset, table["wanted"]);
        Assert.Equal(SegmentLayout.ReplySetOffset, table["replySet"]);
        Assert.Equal(SegmentLayout.CancelsOffset, table["cancels"]);
        Assert.Equal(SegmentLayout.ReplyAckOffset, table["replyAck"]);
        Assert.Equal(SegmentLayout.WaitingOffset, table["waiting"]);
    }

    [Fact]
    public void Segment_RingAndSlots_LieWhereTheDocumentSays()
    {
        List<string[]> rows = ProtocolDocument.Rows("## 4. ");
        string[] ring = Assert.Single(rows, static row => row[1] == "ring");
        Assert.Equal(SegmentLayout.RingOffset, ProtocolDocument.Numbers(ring[0])[0]);
        Assert.Equal(SegmentLayout.RingBytes, ProtocolDocument.Numbers(ring[2])[0]);
        string[] slots = Assert.Single(rows, static row => row[1] == "reply slots");
        Assert.Equal(SegmentLayout.SlotsOffset, ProtocolDocument.Numbers(slots[0])[0]);
        Assert.Equal([SegmentLayout.SlotCount, SegmentLayout.SlotBytes], ProtocolDocument.Numbers(slots[2]));
    }

    [Fact]
    public void Geometry_Values_AreThoseOfWelcome()
    {
        List<string[]> rows = ProtocolDocument.Rows("### 2.2 ");
        uint[] geometry = new uint[SegmentShape.GeometryWords];
        default(SegmentShape).CopyTo(geometry);
        uint[] documented = rows
            .Where(static row => row[0] is "48" or "52" or "60" or "72" or "76")
            .SelectMany(static row => ProtocolDocument.Numbers(row[2]).Where(static number => number > 1))
            .Select(static number => (uint)number)
            .ToArray();
        Assert.Equal([.. documented, 0, 0], geometry);
    }

    [Fact]
    public void Geometry_Order_IsTheSameInWelcomeAndInTheHeader()
    {
        string[] names =
        [
            "segmentBytes", "ringOffset", "ringBytes", "slotsOffset", "slotCount", "slotBytes", "messageCredits", "inlineBytes",
            "lanesToServer", "lanesToClient",
        ];
        Dictionary<string, int> welcome = ProtocolDocument.Offsets("### 2.2 ");
        Dictionary<string, int> header = ProtocolDocument.Offsets("## 4. ");
        Assert.Equal(SegmentShape.GeometryWords, names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            Assert.Equal(48 + i * sizeof(uint), welcome[names[i]]);
            Assert.Equal(SegmentLayout.GeometryOffset + i * sizeof(uint), header[names[i]]);
        }
    }

    [Fact]
    public void Magic_Words_AreTheBytesOfTheDocument()
    {
        Assert.Contains("`GANGWAY1`", ProtocolDocument.Text("## 4. "), StringComparison.Ordinal);
        Assert.Equal("GANGWAY1"u8.ToArray(), BitConverter.GetBytes(SegmentLayout.Magic));
        Assert.Equal("GANGWAY\0", Encoding.ASCII.GetString(BitConverter.GetBytes(HandshakePacket.Magic)));
    }

    [Fact]
    public void Record_Fields_LieWhereTheDocumentSays()
    {
        Dictionary<string, int> table = ProtocolDocument.Offsets("## 5. ");
        var header = new RecordHeader((RecordKind)0xAB, (RecordFlags)0xCD, 0x0123, 0x456789AB, 0x2345, 0x6789_ABCD_EF01);
        byte[] bytes = [.. BitConverter.GetBytes(header.First), .. BitConverter.GetBytes(header.Second)];
        Assert.Equal(0x0123, BitConverter.ToUInt16(bytes, table["length"]));
        Assert.Equal(0xAB, bytes[table["kind"]]);
        Assert.Equal(0xCD, bytes[table["flags"]]);
        Assert.Equal(0x456789ABu, BitConverter.ToUInt32(bytes, table["operation"]));
        Assert.Equal(0x2345, BitConverter.ToUInt16(bytes, table["slot"]));
        Assert.Equal([0x01, 0xEF, 0xCD, 0xAB, 0x89, 0x67], bytes[table["generation"]..(table["generation"] + 6)]);
        Assert.Equal(RecordHeader.Bytes, bytes.Length);
    }

    [Fact]
    public void Record_TakenApart_IsWhatWasPutTogether()
    {
        var header = new RecordHeader(
            RecordKind.Request, RecordFlags.All, RecordHeader.RecordBytesMax, uint.MaxValue, 63, RecordHeader.GenerationMask);
        var read = new RecordHeader(header.First, header.Second);
        Assert.Equal(RecordKind.Request, read.Kind);
        Assert.Equal(RecordFlags.All, read.Flags);
        Assert.Equal(RecordHeader.RecordBytesMax, read.LengthBytes);
        Assert.Equal(uint.MaxValue, read.Operation);
        Assert.Equal(63, read.Slot);
        Assert.Equal(RecordHeader.GenerationMask, read.Generation);
    }

    [Fact]
    public void Record_KindsAndFlags_AreThoseOfTheDocument()
    {
        var kinds = ProtocolDocument.Rows("## 5. ")
            .Where(static row => row[0].Length == 1 && char.IsAsciiDigit(row[0][0]) && row.Length == 3)
            .ToDictionary(static row => row[1], static row => int.Parse(row[0]));
        Assert.Equal(kinds, Enum.GetValues<RecordKind>().Where(static kind => kind != RecordKind.None)
            .ToDictionary(static kind => kind.ToString(), static kind => (int)kind));

        string extension = Assert.Single(ProtocolDocument.Rows("## 5. "), static row => row[0] == "16")[1];
        Assert.Contains("0x01 largest reply `u64`; 0x02 deadline `u64`", extension, StringComparison.Ordinal);
        Assert.Contains("0x04 chain `u64 count, u64[count]` (count <= 16); 0x08 trace, 32 bytes", extension, StringComparison.Ordinal);
        Assert.Equal([1, 2, 4, 8], new[] { RecordFlags.LargestReply, RecordFlags.Deadline, RecordFlags.Chain, RecordFlags.Trace }
            .Select(static flag => (int)flag));
        Assert.Equal(16, RecordHeader.ChainLengthMax);
        Assert.Equal(8 + 8 + (8 + 16 * 8) + 32, RecordHeader.ExtensionBytesMax);
        Assert.Contains($"`16 + {RecordHeader.ExtensionBytesMax} + inlineBytes`", ProtocolDocument.Text("## 5. "), StringComparison.Ordinal);
    }

    [Fact]
    public void Reply_Fields_LieWhereTheDocumentSays()
    {
        Dictionary<string, int> table = ProtocolDocument.Offsets("## 6. ");
        Assert.Equal(0, table["generation"]);
        Assert.Equal(sizeof(ulong), table["length"]);
        byte[] word = BitConverter.GetBytes(ReplyHeader.Pack(0x6789_ABCD_EF01, 0x2345));
        Assert.Equal([0x01, 0xEF, 0xCD, 0xAB, 0x89, 0x67], word[..6]);
        Assert.Equal(0x2345, BitConverter.ToUInt16(word, table["status"]));

        string payload = Assert.Single(ProtocolDocument.Rows("## 6. "), static row => row[0] == "16")[1];
        Assert.Equal(SegmentLayout.ReplyBytes, ProtocolDocument.Numbers(payload)[0]);
        Assert.Equal(16, SegmentLayout.ReplyHeaderBytes);
    }

    [Fact]
    public void Reply_Waiting_HasTheValuesOfTheDocument()
    {
        string meaning = Assert.Single(ProtocolDocument.Rows("## 4. "), static row => row[1] == "`waiting:u32[64]`")[2];
        Assert.Contains("0 polling, 1 parked, 2 announce; bit 2 (value 4)", meaning, StringComparison.Ordinal);
        Assert.Equal(2u + 4u, ReplyHeader.CancelledWaiting);
        Assert.Equal([0, 1, 2], new[] { ReplyWaiting.Polling, ReplyWaiting.Parked, ReplyWaiting.Announce }.Select(static how => (int)how));
    }

    [Fact]
    public void Segment_States_HaveTheValuesOfTheDocument()
    {
        string meaning = Assert.Single(ProtocolDocument.Rows("## 4. "), static row => row[1] == "`state:u32`")[2];
        foreach (SegmentState state in Enum.GetValues<SegmentState>().Where(static state => state != SegmentState.None))
            Assert.Contains($"{(int)state} `{state}`", meaning, StringComparison.Ordinal);
        Assert.StartsWith("0 not yet", meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_AllNumbers_StayInsideTheSegment()
    {
        for (int slot = -1; slot < 2 * SegmentLayout.SlotCount; slot++)
        {
            int offset = ReplyHeader.SlotOffset(slot);
            Assert.InRange(offset, SegmentLayout.SlotsOffset, SegmentLayout.SegmentBytes - SegmentLayout.SlotBytes);
            Assert.InRange(ReplyHeader.WaitingOffset(slot), SegmentLayout.WaitingOffset, SegmentLayout.RingOffset - sizeof(uint));
        }

        Assert.Equal(SegmentLayout.SegmentBytes, ReplyHeader.SlotOffset(SegmentLayout.SlotCount - 1) + SegmentLayout.SlotBytes);
    }
}
