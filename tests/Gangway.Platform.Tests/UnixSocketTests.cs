// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net.Sockets;
using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class UnixSocketTests : IDisposable
{
    private readonly TempNames _names = new();

    private string SocketPath => _names.PathOf("s");

    public void Dispose() => _names.Dispose();

    [Fact]
    public void Listen_Normally_HasTheModeWhateverTheUmask()
    {
        uint umask = Native.SetUmask(0x1ff); // 0777
        try
        {
            Assert.Equal(Errno.None, UnixSocket.Listen(SocketPath, 8, 0x1b6, out UnixSocket? listener)); // 0666
            using (listener)
            {
                Assert.Equal(Errno.None, Files.DescribePath(SocketPath, out FileStatus status));
                Assert.Equal((0x1b6u, true, Identity.EffectiveUid()), (status.Mode, status.IsSocket, status.OwnerUid));
                Assert.True(Native.IsNonBlocking(listener!));
            }
        }
        finally
        {
            Native.SetUmask(umask);
        }
    }

    [Fact]
    public void Listen_PathInUse_IsAnErrorAndLeavesItThere()
    {
        using UnixSocket first = Made.Listener(SocketPath);
        Assert.Equal(Errno.EADDRINUSE, UnixSocket.Listen(SocketPath, 8, 0x180, out UnixSocket? second));
        Assert.Null(second);
        using UnixSocket client = Made.Connection(SocketPath);
    }

    [Fact]
    public void Path_ThatCannotBe_IsAnErrorForBothSides()
    {
        string longest = Path.Combine(_names.Folder, new string('x', 107 - _names.Folder.Length - 1));
        Assert.Equal(107, longest.Length);
        using (Made.Listener(longest))
            Made.Connection(longest).Dispose();

        foreach ((string path, Errno expected) in new[]
        {
            (longest + "x", Errno.ENAMETOOLONG),
            (longest[..^1] + "ä", Errno.ENAMETOOLONG),
            ("", Errno.EINVAL),
            ("\0abstract", Errno.EINVAL),
            (_names.PathOf("no/s"), Errno.ENOENT),
            ("/proc/version/s", Errno.ENOTDIR),
        })
        {
            Assert.Equal((path, expected), (path, UnixSocket.Listen(path, 8, 0x180, out UnixSocket? socket)));
            Assert.Null(socket);
            Assert.Equal((path, expected), (path, UnixSocket.Connect(path, Made.Never, out socket)));
            Assert.Null(socket);
        }
    }

    [Fact]
    public void Connect_NothingThere_IsAnError()
    {
        var before = ProcessAccounting.Take();
        Assert.Equal(Errno.ENOENT, UnixSocket.Connect(SocketPath, Made.Never, out UnixSocket? socket));
        Assert.Null(socket);
        before.AssertNothingLeft();
    }

    [Fact]
    public void Connect_ListenerClosed_IsRefused()
    {
        Made.Listener(SocketPath).Dispose();
        Assert.Equal(Errno.ECONNREFUSED, UnixSocket.Connect(SocketPath, Made.Never, out UnixSocket? socket));
        Assert.Null(socket);
    }

    [NeedsFact(Need.Gcc)]
    public void Connect_ServerKilled_IsRefused()
    {
        using ChildProcess server = ChildProcess.Start(CProgram.Compile(_names, "processes/holder.c"), "listen", SocketPath);
        Assert.Equal("ready", server.ReadLine());
        using (Made.Connection(SocketPath))
            server.Kill();

        Assert.Equal(Errno.ECONNREFUSED, UnixSocket.Connect(SocketPath, Made.Never, out UnixSocket? socket));
        Assert.Null(socket);
    }

    [Fact]
    public void Connect_PlainFileOrOtherKindOfSocket_IsAnError()
    {
        File.WriteAllText(SocketPath, "");
        Assert.Equal(Errno.ECONNREFUSED, UnixSocket.Connect(SocketPath, Made.Never, out _));

        string streamPath = _names.PathOf("stream");
        using var stream = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stream.Bind(new UnixDomainSocketEndPoint(streamPath));
        stream.Listen();
        Assert.Equal(Errno.EPROTOTYPE, UnixSocket.Connect(streamPath, Made.Never, out _));
    }

    [Fact]
    public void Connect_BacklogFull_WaitsUntilTheDeadlineAndNoLonger()
    {
        using UnixSocket listener = Made.Listener(SocketPath, backlog: 0);
        using UnixSocket first = Made.Connection(SocketPath);

        Assert.Equal(Errno.ETIMEDOUT, UnixSocket.Connect(SocketPath, Made.After(-1), out UnixSocket? late));
        long deadline = Made.After(milliseconds: 30);
        Assert.Equal(Errno.ETIMEDOUT, Watchdog.Run(() => UnixSocket.Connect(SocketPath, deadline, out late)));
        Assert.Null(late);
        Assert.True(Stopwatch.GetTimestamp() >= deadline);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connect_RoomInTheBacklogMeanwhile_Succeeds(bool hasDeadline)
    {
        using var signal = new HandledSignal();
        using UnixSocket listener = Made.Listener(SocketPath, backlog: 0);
        using UnixSocket first = Made.Connection(SocketPath);
        long deadline = hasDeadline ? Made.After(milliseconds: 600_000) : Made.Never;
        var sleeper = new Sleeper<UnixSocket?>(() =>
        {
            Assert.Equal(Errno.None, UnixSocket.Connect(SocketPath, deadline, out UnixSocket? second));
            return second;
        });
        for (int i = 0; i < 5; i++)
        {
            sleeper.WaitUntilAsleepIn(BlockingCalls.Connect);
            sleeper.Interrupt();
        }

        sleeper.WaitUntilAsleepIn(BlockingCalls.Connect);
        using UnixSocket accepted = Made.Accepted(listener);

        using UnixSocket connection = sleeper.Result()!;
        Assert.True(Native.IsNonBlocking(connection));
        Assert.Equal(Errno.EAGAIN, connection.Receive(new byte[1], out _));
    }

    [Fact]
    public void Accept_NobodyWaits_ReturnsAtOnce()
    {
        using UnixSocket listener = Made.Listener(SocketPath);
        Assert.Equal(Errno.EAGAIN, listener.Accept(out UnixSocket? socket));
        Assert.Null(socket);

        using UnixSocket client = Made.Connection(SocketPath);
        Assert.Equal(Errno.None, listener.WaitReadable(Made.Never));
        using UnixSocket server = Made.Accepted(listener);
        Assert.True(Native.IsNonBlocking(server));
    }

    [Fact]
    public void Accept_NoDescriptorLeft_IsAnErrorAndTheClientGoesOnWaiting()
    {
        using UnixSocket listener = Made.Listener(SocketPath);
        using UnixSocket client = Made.Connection(SocketPath);
        ulong limit = Native.SoftDescriptorLimit;
        Errno error;
        UnixSocket? socket;
        Native.SoftDescriptorLimit = 3;
        try
        {
            error = listener.Accept(out socket);
        }
        finally
        {
            Native.SoftDescriptorLimit = limit;
        }

        Assert.Equal(Errno.EMFILE, error);
        Assert.Null(socket);
        Made.Accepted(listener).Dispose();
    }

    [Fact]
    public void WaitReadable_NothingComes_TimesOutNotBeforeTheDeadline()
    {
        using var pair = new SocketPair();
        Assert.Equal(Errno.ETIMEDOUT, pair.Client.WaitReadable(0));
        long deadline = Made.After(milliseconds: 20);
        Assert.Equal(Errno.ETIMEDOUT, pair.Client.WaitReadable(deadline));
        Assert.True(Stopwatch.GetTimestamp() >= deadline);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WaitReadable_InterruptedAndThenHungUp_Returns(bool hasDeadline)
    {
        using var signal = new HandledSignal();
        using var pair = new SocketPair();
        long deadline = hasDeadline ? Made.After(milliseconds: 600_000) : Made.Never;
        var sleeper = new Sleeper<Errno>(() => pair.Client.WaitReadable(deadline));
        for (int i = 0; i < 20; i++)
        {
            sleeper.WaitUntilAsleepIn(BlockingCalls.Ppoll);
            sleeper.Interrupt();
        }

        sleeper.WaitUntilAsleepIn(BlockingCalls.Ppoll);
        pair.Server.Dispose();

        Assert.Equal(Errno.None, sleeper.Result());
        Assert.Equal((Errno.None, 0), (pair.Client.Receive(new byte[8], out int count), count));
    }

    [Fact]
    public void Shutdown_WithPacketsUnderWay_LetsThemBeReadFirst()
    {
        using var pair = new SocketPair();
        Assert.Equal(Errno.None, pair.Client.Send([1, 2]));
        Assert.Equal(Errno.None, pair.Client.Shutdown());

        byte[] buffer = new byte[8];
        Assert.Equal((Errno.None, 2), (pair.Server.Receive(buffer, out int count), count));
        Assert.Equal((Errno.None, 0), (pair.Server.Receive(buffer, out count), count));
        Assert.Equal(Errno.EPIPE, pair.Server.Send([1]));
        Assert.Equal(Errno.EPIPE, pair.Client.Send([1]));
    }
}
