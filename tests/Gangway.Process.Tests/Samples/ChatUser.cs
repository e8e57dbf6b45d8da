// SPDX-License-Identifier: MIT

using System.Net;
using System.Net.Sockets;
using System.Text;
using Gangway.Testing;

namespace Gangway.Process.Tests.Samples;

/// <summary>Somebody at a chat server: speaks and reads lines over TCP, as <c>nc</c> does.</summary>
internal sealed class ChatUser : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly StreamReader _reader;

    internal ChatUser(int port, string name, int? receiveBufferBytes = null)
    {
        if (receiveBufferBytes is int bytes)
            _socket.ReceiveBufferSize = bytes;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)Watchdog.Bound.TotalMilliseconds;
        _socket.NoDelay = true;
        _socket.Connect(IPAddress.Loopback, port);
        _reader = new StreamReader(new NetworkStream(_socket), Encoding.UTF8);
        Say($"/nick {name}");
        ReadUntil($"is now {name}");
    }

    internal void Say(string line) => SendBytes(Encoding.UTF8.GetBytes(line + "\n"));

    internal void SendBytes(byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
            sent += _socket.Send(bytes.AsSpan(sent));
    }

    /// <summary>The next line; null when the server has hung up.</summary>
    internal string? TryReadLine() => _reader.ReadLine();

    /// <summary>Reads up to a line that contains something, and returns that.</summary>
    internal string ReadUntil(string part)
    {
        while (_reader.ReadLine() is string line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
                return line;
        }

        throw new IOException($"The server hung up, and '{part}' had not come.");
    }

    /// <summary>Vanishes without a word: with a reset where <paramref name="hasReset"/> says so.</summary>
    internal void Vanish(bool hasReset)
    {
        if (hasReset)
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
