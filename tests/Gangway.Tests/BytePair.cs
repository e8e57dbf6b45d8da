// SPDX-License-Identifier: MIT

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Tests;

/// <summary>Two ends of a stream of bytes, neither of which ever waits: a pipe, a socket pair, or TCP on loopback.</summary>
internal sealed class BytePair : IDisposable
{
    private const int O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000, AF_UNIX = 1, SOCK_STREAM = 1;

    private readonly Socket?[] _sockets = new Socket?[2];

    internal BytePair(string kind)
    {
        int[] numbers = new int[2];
        switch (kind)
        {
            case "pipe":
                Assert.Equal(0, pipe2(numbers, O_NONBLOCK | O_CLOEXEC));
                break;
            case "socketpair":
                Assert.Equal(0, socketpair(AF_UNIX, SOCK_STREAM | O_NONBLOCK | O_CLOEXEC, 0, numbers));
                break;
            default:
                using (var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
                {
                    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                    listener.Listen(1);
                    _sockets[1] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    _sockets[1]!.Connect(listener.LocalEndPoint!);
                    _sockets[0] = listener.Accept();
                }

                foreach (Socket? socket in _sockets)
                    socket!.Blocking = false;
                break;
        }

        Reader = _sockets[0]?.SafeHandle ?? (SafeHandle)new SafeFileHandle(numbers[0], ownsHandle: true);
        Writer = _sockets[1]?.SafeHandle ?? (SafeHandle)new SafeFileHandle(numbers[1], ownsHandle: true);
    }

    internal SafeHandle Reader { get; }

    internal SafeHandle Writer { get; }

    /// <returns>How many bytes there was room for.</returns>
    internal int Write(int bytes) => (int)Math.Max(0, write(Writer, new byte[bytes], bytes));

    /// <returns>How many bytes there were, up to as many.</returns>
    internal int Read(int bytes) => (int)Math.Max(0, read(Reader, new byte[bytes], bytes));

    /// <summary>Reads until it would wait.</summary>
    internal long Drain(byte[] buffer)
    {
        long all = 0;
        for (nint count = 1; count > 0; all += count)
            count = Math.Max(0, read(Reader, buffer, buffer.Length));
        return all;
    }

    /// <summary>The writing end hangs up.</summary>
    internal void CloseWriter()
    {
        _sockets[1]?.Dispose();
        Writer.Dispose();
    }

    public void Dispose()
    {
        CloseWriter();
        _sockets[0]?.Dispose();
        Reader.Dispose();
    }

    [DllImport("libc")]
    private static extern int pipe2(int[] numbers, int flags);

    [DllImport("libc")]
    private static extern int socketpair(int domain, int type, int protocol, int[] numbers);

    [DllImport("libc")]
    private static extern nint write(SafeHandle handle, byte[] bytes, nint count);

    [DllImport("libc")]
    private static extern nint read(SafeHandle handle, byte[] bytes, nint count);
}
