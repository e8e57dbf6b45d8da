// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gangway.Tests;

/// <summary>A client or server that speaks, or keeps silent, without our library.</summary>
internal static class RawSocket
{
    /// <summary>Connects to the socket of an address.</summary>
    internal static Socket Connect(string address)
    {
        Socket socket = Make();
        socket.Connect(new UnixDomainSocketEndPoint(TestDirectory.PathOf(address)));
        return socket;
    }

    /// <summary>Listens at the path of an address, without any lock.</summary>
    internal static Socket Listen(string address)
    {
        Socket socket = Make();
        socket.Bind(new UnixDomainSocketEndPoint(TestDirectory.PathOf(address)));
        socket.Listen(8);
        return socket;
    }

    /// <summary>The next packet's type and the whole packet; type 0 when the other side hung up.</summary>
    internal static (uint Type, byte[] Packet) Receive(Socket socket) => Watchdog.Run(() =>
    {
        byte[] packet = new byte[8192];
        int count = socket.Receive(packet);
        return (count < 8 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(packet), packet[..count]);
    });

    /// <summary>A packet with a type, its length, and zeros.</summary>
    internal static byte[] Packet(uint type, int bytes)
    {
        byte[] packet = new byte[bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(packet, type);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(4), bytes);
        return packet;
    }

    /// <summary>The code of a Reject packet.</summary>
    internal static uint RejectCode((uint Type, byte[] Packet) received)
    {
        Assert.Equal(6u, received.Type);
        return BinaryPrimitives.ReadUInt32LittleEndian(received.Packet.AsSpan(8));
    }

    private static Socket Make() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
}
