// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class UnixSocketPacketTests : IDisposable
{
    private readonly ProcessAccounting _before = ProcessAccounting.Take();
    private readonly SocketPair _pair = new();
    private readonly FileDescriptor _one = Made.Memory(4096, "gangway-one");
    private readonly FileDescriptor _two = Made.Memory(8192, "gangway-two");
    private readonly byte[] _buffer = new byte[64];

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _pair.Dispose();

        // Whatever a test sent, nothing of it may have stayed in this process.
        _before.AssertNothingLeft();
    }

    [Fact]
    public void Send_Packets_KeepOrderAndBounds()
    {
        Assert.Equal(Errno.None, _pair.Client.Send([1, 2, 3]));
        Assert.Equal(Errno.None, _pair.Client.Send([4]));

        Assert.Equal((Errno.None, 3), (_pair.Server.Receive(_buffer, out int count), count));
        Assert.Equal([1, 2, 3], _buffer[..count]);
        Assert.Equal((Errno.None, 1), (_pair.Server.Receive(_buffer, out count), count));
        Assert.Equal([4], _buffer[..count]);
        Assert.Equal((Errno.EAGAIN, 0), (_pair.Server.Receive(_buffer, out count), count));
    }

    [Fact]
    public void Send_PeerDoesNotRead_NeverBlocks()
    {
        int sent = 0;
        while (_pair.Client.Send([1]) is Errno.None)
            sent++;

        Assert.True(sent > 0);
        Assert.Equal(Errno.EAGAIN, _pair.Client.Send([1]));
        Assert.Equal(Errno.EAGAIN, _pair.Client.SendWithDescriptors([1], _one, _two));
        for (int i = 0; i < sent; i++)
            Assert.Equal(Errno.None, _pair.Server.Receive(_buffer, out _));
        Assert.Equal(Errno.None, _pair.Client.Send([1]));
    }

    [Fact]
    public void Send_PeerGoneOrPacketTooLarge_IsAnErrorAndNoSignal()
    {
        Assert.Equal(Errno.EMSGSIZE, _pair.Client.Send(new byte[32 << 20]));
        _pair.Server.Dispose();
        Assert.Equal(Errno.EPIPE, _pair.Client.Send([1]));
        Assert.Equal(Errno.EPIPE, _pair.Client.SendWithDescriptors([1], _one, _two));
        Assert.Equal(Errno.ENOTCONN, _pair.Listener.Send([1]));
    }

    [Fact]
    public void Send_EmptyPacket_Throws()
    {
        Assert.Throws<ArgumentException>(() => _pair.Client.Send([]));
        Assert.Throws<ArgumentException>(() => _pair.Client.SendWithDescriptors([], _one, _two));
    }

    [Fact]
    public void Receive_PeerLeftWithOurPacketsUnread_SaysSoOnce()
    {
        Assert.Equal(Errno.None, _pair.Client.Send([1]));
        _pair.Server.Dispose();
        Assert.Equal(Errno.ECONNRESET, _pair.Client.Receive(_buffer, out _));
        Assert.Equal((Errno.None, 0), (_pair.Client.Receive(_buffer, out int count), count));
    }

    [Fact]
    public void Receive_PacketAsLongAsTheBufferOrLonger_IsWholeOrAnError()
    {
        _pair.Client.Send(new byte[64]);
        _pair.Client.Send(new byte[65]);
        _pair.Client.Send([9]);
        Assert.Equal((Errno.None, 64), (_pair.Server.Receive(_buffer, out int count), count));
        Assert.Equal((Errno.EMSGSIZE, 0), (_pair.Server.Receive(_buffer, out count), count));
        Assert.Equal((Errno.None, 1), (_pair.Server.Receive(_buffer, out count), count));

        _pair.Client.Send(new byte[64]);
        _pair.Client.Send(new byte[65]);
        Assert.Equal((Errno.None, 64), (_pair.Server.ReceiveWithDescriptors(_buffer, out count, out _, out _), count));
        Assert.Equal((Errno.EMSGSIZE, 0), (_pair.Server.ReceiveWithDescriptors(_buffer, out count, out _, out _), count));
        Assert.Equal((Errno.EAGAIN, 0), (_pair.Server.ReceiveWithDescriptors(_buffer, out count, out _, out _), count));
    }

    [Fact]
    public void Descriptors_Two_ArriveInOrderAndCloseOnExec()
    {
        Assert.Equal(Errno.None, _pair.Server.SendWithDescriptors([5, 6], _one, _two));

        Assert.Equal(Errno.None, _pair.Client.ReceiveWithDescriptors(_buffer, out int count, out FileDescriptor? first, out FileDescriptor? second));
        using (first)
        using (second)
        {
            Assert.Equal([5, 6], _buffer[..count]);
            Assert.Equal((Inode(_one), Inode(_two)), (Inode(first!), Inode(second!)));
            Assert.NotEqual(_one.Number, first!.Number);
            Assert.True(Native.IsCloseOnExec(first) && Native.IsCloseOnExec(second!));
        }
    }

    [Fact]
    public void Descriptors_None_IsAPlainPacket()
    {
        _pair.Server.Send([5]);
        Assert.Equal(Errno.None, _pair.Client.ReceiveWithDescriptors(_buffer, out int count, out FileDescriptor? first, out FileDescriptor? second));
        Assert.Equal(1, count);
        Assert.Null(first);
        Assert.Null(second);

        _pair.Server.Dispose();
        Assert.Equal((Errno.None, 0), (_pair.Client.ReceiveWithDescriptors(_buffer, out count, out _, out _), count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    public void Descriptors_AnyOtherNumber_IsRefusedAndNothingStays(int number)
    {
        FileDescriptor[] many = [.. Enumerable.Repeat(_one, number)];
        Assert.Equal(Errno.None, Native.SendDescriptors(_pair.Server, [1, 2, 3], many));

        Assert.Equal(Errno.EPROTO, _pair.Client.ReceiveWithDescriptors(_buffer, out int count, out FileDescriptor? first, out FileDescriptor? second));

        Assert.Equal(0, count);
        Assert.Null(first);
        Assert.Null(second);
        AssertOnlyOursAreOpen();
    }

    [Fact]
    public void Descriptors_WithAPacketThatIsTooLong_AreClosed()
    {
        Assert.Equal(Errno.None, _pair.Server.SendWithDescriptors(new byte[65], _one, _two));
        Assert.Equal(Errno.EMSGSIZE, _pair.Client.ReceiveWithDescriptors(_buffer, out _, out FileDescriptor? first, out _));
        Assert.Null(first);
        AssertOnlyOursAreOpen();
    }

    [Fact]
    public void Descriptors_NoDescriptorLeftHere_IsOurErrorNotThePeers()
    {
        Assert.Equal(Errno.None, _pair.Server.SendWithDescriptors([1], _one, _two));
        ulong limit = Native.SoftDescriptorLimit;
        Errno error;
        FileDescriptor? first;
        Native.SoftDescriptorLimit = 3;
        try
        {
            error = _pair.Client.ReceiveWithDescriptors(_buffer, out _, out first, out _);
        }
        finally
        {
            Native.SoftDescriptorLimit = limit;
        }

        Assert.Equal(Errno.EMFILE, error);
        Assert.Null(first);
        AssertOnlyOursAreOpen();
    }

    [Fact]
    public void Receive_PacketWithDescriptors_NeverLetsThemIn()
    {
        Assert.Equal(Errno.None, _pair.Client.SendWithDescriptors([1], _one, _two));
        Assert.Equal((Errno.None, 1), (_pair.Server.Receive(_buffer, out int count), count));
        AssertOnlyOursAreOpen();
    }

    [Fact]
    public void RefuseDescriptors_WhereTheKernelCan_FailsTheSender()
    {
        Errno error = _pair.Server.RefuseDescriptors();

        // Linux 6.16 and newer refuse at the sender; older ones say that they cannot.
        Assert.Equal(Kernel.IsAtLeast(6, 16) ? Errno.None : Errno.ENOPROTOOPT, error);
        Assert.Equal(
            error == Errno.None ? Errno.EPERM : Errno.None,
            _pair.Client.SendWithDescriptors([1], _one, _two));
        Assert.Equal(Errno.None, _pair.Client.Send([1]));
        Assert.Equal(Errno.None, _pair.Server.SendWithDescriptors([1], _one, _two));
    }

    // At once: a moment later the collector would close what was forgotten.
    private static void AssertOnlyOursAreOpen() => Assert.Equal(
        ["gangway-one", "gangway-two"],
        new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
            .Select(static file => file.LinkTarget ?? "")
            .Where(static target => target.StartsWith("/memfd:gangway-", StringComparison.Ordinal))
            .Select(static target => target["/memfd:".Length..].Split(' ')[0])
            .Order(StringComparer.Ordinal));

    private static ulong Inode(FileDescriptor file)
    {
        Assert.Equal(Errno.None, Files.Describe(file, out FileStatus status));
        return status.Inode;
    }
}
