// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>The packets of the handshake as bytes: each field wrong in turn, each length, and random bytes.</summary>
[Rule("SE-05")]
public sealed class HandshakePacketTests(ITestOutputHelper output)
{
    [Fact]
    public void Hello_AsWeWriteIt_IsGood()
    {
        var asked = new ConnectionId(ConnectionId.NewPair(), 7);
        Assert.Equal(RejectCode.None, Hello.Check(Hello.Write(asked), out ConnectionId id, out _, out string reason));
        Assert.Equal((asked, ""), (id, reason));
    }

    [Theory]
    [InlineData(0, 2, 1u)] // type
    [InlineData(4, 111, 1u)] // bytes
    [InlineData(4, 113, 1u)]
    [InlineData(8, 0, 1u)] // magic
    [InlineData(16, 0x0002_0002, 2u)] // 2 to 2
    [InlineData(16, 0x0000_0000, 2u)] // 0 to 0
    [InlineData(16, 0x0001_0002, 2u)] // 2 to 1
    [InlineData(16, 0x0005_0000, 0u)] // 0 to 5
    [InlineData(24, 0x1234_5678, 6u)] // boot id
    [InlineData(36, 0x1234_5678, 6u)]
    [InlineData(64, 0, 1u)] // epoch
    [InlineData(72, 28_671, 5u)] // the largest segment
    [InlineData(72, 28_672, 0u)]
    [InlineData(72, -1, 0u)]
    [InlineData(76, 1, 0u)] // lanes
    [InlineData(80, 262_144, 0u)]
    [InlineData(76, 262_145, 5u)]
    [InlineData(80, -1, 5u)]
    [InlineData(84, -1, 0u)] // reserved
    [InlineData(20, -1, 0u)]
    [InlineData(92, -1, 0u)]
    [InlineData(104, -1, 0u)]
    public void Hello_WithOneWordChanged_GetsItsCode(int offset, int word, uint code)
    {
        var expected = (RejectCode)code;
        byte[] packet = Hello.Write(new ConnectionId(default, 1));
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(offset), word);
        Assert.Equal(expected, Hello.Check(packet, out _, out _, out string reason));
        Assert.Equal(expected == RejectCode.None, reason.Length == 0);
    }

    [Theory]
    [InlineData(0L, true)]
    [InlineData(4_900_000_000L, true)]
    [InlineData(5_100_000_000L, false)]
    [InlineData(-1_000_000_000L, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void Hello_WithAClockBehindBy_IsJudged(long behind, bool isGood)
    {
        byte[] packet = Hello.Write(new ConnectionId(default, 1));
        BinaryPrimitives.WriteInt64LittleEndian(packet.AsSpan(40), unchecked(Deadline.Now - behind));
        Assert.Equal(isGood ? RejectCode.None : RejectCode.OtherMachine, Hello.Check(packet, out _, out _, out _));
    }

    [Theory]
    [InlineData(new byte[] { }, true)]
    [InlineData(new byte[] { 9, 9, 0, 0 }, true)]
    [InlineData(new byte[] { 9, 9, 1, 0, 5 }, true)]
    [InlineData(new byte[] { 9, 9, 1, 0, 5, 8, 8, 2, 0, 1, 1 }, true)]
    [InlineData(new byte[] { 9, 9, 0 }, false)]
    [InlineData(new byte[] { 9, 9, 1, 0 }, false)]
    [InlineData(new byte[] { 9, 9, 0xFF, 0xFF, 1 }, false)]
    [InlineData(new byte[] { 9, 9, 0, 0, 1 }, false)]
    public void Tail_OfHelloAndWelcome_IsWholeRecords(byte[] tail, bool isGood)
    {
        byte[] hello = [.. Hello.Write(new ConnectionId(default, 1)), .. tail];
        BinaryPrimitives.WriteInt32LittleEndian(hello.AsSpan(4), hello.Length);
        Assert.Equal(isGood ? RejectCode.None : RejectCode.Malformed, Hello.Check(hello, out _, out _, out _));
        byte[] welcome = [.. Welcome.Write(new ConnectionId(ConnectionId.NewPair(), 3)), .. tail];
        BinaryPrimitives.WriteInt32LittleEndian(welcome.AsSpan(4), welcome.Length);
        Assert.Equal(isGood, Welcome.Check(welcome, 3) is null);
    }

    [Fact]
    public void Welcome_WithAnyByteThatMattersChanged_IsNotGood()
    {
        byte[] good = Welcome.Write(new ConnectionId(ConnectionId.NewPair(), 3));
        Assert.Null(Welcome.Check(good, 3));
        Assert.NotNull(Welcome.Check(good, 4));
        for (int i = 0; i < good.Length; i++)
        {
            bool isFree = i is (>= 18 and < 40) or >= 88;
            byte[] changed = [.. good];
            changed[i] ^= 0x40;
            Assert.Equal(isFree, Welcome.Check(changed, 3) is null);
        }

        var pair = ConnectionId.NewPair();
        Assert.Equal(pair, Welcome.PairOf(Welcome.Write(new ConnectionId(pair, 3))));
        Assert.NotEqual(pair, ConnectionId.NewPair());
    }

    [Fact]
    public void Packets_OfEveryLengthAndRandomBytes_AreJudgedWithoutAnException()
    {
        Random random = Seed.Take(output).Random();
        int steps = TestLevel.Pick(5_000, 50_000, 5_000_000);
        byte[][] seeds = [Hello.Write(new ConnectionId(default, 1)), Welcome.Write(new ConnectionId(ConnectionId.NewPair(), 1)), HandshakePacket.Reject(RejectCode.Limits, "too large"), HandshakePacket.Plain(PacketType.Go)];
        for (int i = 0; i < steps; i++)
        {
            byte[] packet = [.. seeds[random.Next(seeds.Length)]];
            Array.Resize(ref packet, random.Next(3) == 0 ? packet.Length : random.Next(200));
            for (int change = random.Next(6); change > 0 && packet.Length != 0; change--)
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            if (packet.Length >= 8 && random.Next(2) == 0)
                BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(4), packet.Length);

            RejectCode code = Hello.Check(packet, out ConnectionId asked, out _, out _);
            Assert.True(code != RejectCode.None || (asked.Epoch != 0 && packet.Length >= Hello.Bytes));
            _ = Welcome.Check(packet, 1);
            if (HandshakePacket.TryReadReject(packet, out _, out string reason))
                Assert.DoesNotContain(reason, char.IsControl);
            _ = HandshakePacket.IsGoodTail(packet);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(100_000)]
    public void Reject_OfAnyReason_FitsItsBound(int length)
    {
        byte[] packet = HandshakePacket.Reject(RejectCode.Overloaded, new string('x', length));
        Assert.True(HandshakePacket.TryReadReject(packet, out RejectCode code, out string reason));
        Assert.Equal(RejectCode.Overloaded, code);
        Assert.Equal(Math.Min(length, HandshakePacket.ReasonBytesMax), reason.Length);
    }
}
