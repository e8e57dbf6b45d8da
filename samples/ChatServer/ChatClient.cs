// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using System.Text;

namespace Gangway.Samples.ChatServer;

/// <summary>One client: what came of a line, and what it has not read yet. Nothing here ever waits.</summary>
internal sealed class ChatClient(Socket socket, ulong key, string room, int unreadBytesMax) : IDisposable
{
    internal const int LineBytesMax = 1024;

    private readonly byte[] _in = new byte[LineBytesMax];
    private byte[] _out = new byte[1024];
    private int _inBytes;
    private int _outBytes;
    private bool _isInLine;
    private bool _hasShut;

    internal ulong Key { get; } = key;

    internal Binding Binding { get; set; }

    internal string Name { get; set; } = $"guest{key}";

    internal string Room { get; set; } = room;

    /// <summary>It was told why, and nothing it says counts any more.</summary>
    internal bool IsLeaving { get; private set; }

    /// <summary>When it is over, whether it has read the reason or not.</summary>
    internal long LeavesAt { get; set; }

    /// <summary>Its socket is broken.</summary>
    internal bool IsGone { get; private set; }

    internal bool HasOverlongLine => !IsLeaving && _inBytes == LineBytesMax && !_in.AsSpan().Contains((byte)'\n');

    internal static bool IsName(string name) => name.Length is > 0 and <= 20 && name.All(char.IsLetterOrDigit);

    internal Reception Receive()
    {
        if (IsLeaving)
            _inBytes = 0;
        int count = socket.Receive(_in.AsSpan(_inBytes), SocketFlags.None, out SocketError error);
        if (error == SocketError.Success && count > 0)
        {
            _inBytes += count;
            return Reception.Some;
        }

        return error is SocketError.WouldBlock ? Reception.Nothing : Reception.End;
    }

    /// <summary>Takes the next whole line.</summary>
    internal bool TryTakeLine(out string line)
    {
        int end = _in.AsSpan(0, _inBytes).IndexOf((byte)'\n');
        line = "";
        if (end < 0)
            return false;

        // What goes to other people's terminals has no control characters.
        line = string.Concat(Encoding.UTF8.GetString(_in, 0, end).Where(letter => !char.IsControl(letter)));
        _in.AsSpan(end + 1, _inBytes - end - 1).CopyTo(_in);
        _inBytes -= end + 1;
        return true;
    }

    /// <summary>Queues a line, and sends what can be sent.</summary>
    /// <returns>False when the client has too much unread already.</returns>
    internal bool TrySay(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        if (_outBytes + bytes.Length > unreadBytesMax)
            return false;
        if (_outBytes + bytes.Length > _out.Length)
            Array.Resize(ref _out, Math.Max(_outBytes + bytes.Length, Math.Min(2 * _out.Length, unreadBytesMax)));
        bytes.CopyTo(_out, _outBytes);
        _outBytes += bytes.Length;
        Flush();
        return true;
    }

    /// <summary>Sends what can be sent. The rest goes when a packet says that there is room.</summary>
    internal void Flush()
    {
        while (_outBytes != 0)
        {
            int count = socket.Send(_out.AsSpan(0, _outBytes), SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                IsGone = error != SocketError.WouldBlock;
                return;
            }

            _isInLine = _out[count - 1] != '\n';
            _out.AsSpan(count, _outBytes - count).CopyTo(_out);
            _outBytes -= count;
        }

        // It has everything; when it has read that, it hangs up, or its time is over.
        if (!IsLeaving || _hasShut)
            return;
        _hasShut = true;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            IsGone = true;
        }
    }

    /// <summary>Drops what it has not read but the rest of a line, and puts the reason behind that.</summary>
    internal void Leave(string reason)
    {
        if (IsLeaving)
            return;
        _outBytes = _isInLine ? _out.AsSpan(0, _outBytes).IndexOf((byte)'\n') + 1 : 0;
        TrySay($"* {Name} leaves: {reason}");
        IsLeaving = true;
        Flush();
    }

    public void Dispose()
    {
        Binding.Dispose();
        socket.Dispose();
    }
}
