// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Platform.Tests;

/// <summary>Makes what a test needs and fails the test when that fails.</summary>
internal static class Made
{
    internal const ulong PageBytes = 4096;

    internal static long Never => long.MaxValue;

    internal static long After(int milliseconds) => Stopwatch.GetTimestamp() + (milliseconds * 1_000_000L);

    internal static FileDescriptor Memory(ulong bytes = 4 * PageBytes, string name = "gangway-test")
    {
        Assert.Equal(Errno.None, MemFd.Create(name, bytes, out FileDescriptor? memory));
        return memory!;
    }

    internal static Mapping Mapping(FileDescriptor memory, MappingAccess access, ulong bytes = 4 * PageBytes)
    {
        Assert.Equal(Errno.None, Platform.Mapping.Map(memory, bytes, access, out Mapping? mapping));
        return mapping!;
    }

    internal static Epoll Epoll()
    {
        Assert.Equal(Errno.None, Platform.Epoll.Create(out Epoll? epoll));
        return epoll!;
    }

    internal static EventFd EventFd()
    {
        Assert.Equal(Errno.None, Platform.EventFd.Create(out EventFd? eventFd));
        return eventFd!;
    }

    internal static UnixSocket Listener(string path, int backlog = 8)
    {
        Assert.Equal(Errno.None, UnixSocket.Listen(path, backlog, 0x180, out UnixSocket? listener));
        return listener!;
    }

    internal static UnixSocket Connection(string path)
    {
        Assert.Equal(Errno.None, UnixSocket.Connect(path, Never, out UnixSocket? connection));
        return connection!;
    }

    internal static UnixSocket Accepted(UnixSocket listener)
    {
        Assert.Equal(Errno.None, listener.Accept(out UnixSocket? accepted));
        return accepted!;
    }
}
