// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Tests;

/// <summary>Descriptors with fixed numbers, and what happens to them: the same numbers are closed and used again in each run.</summary>
internal sealed class EpollFiles : IDisposable
{
    internal const int Slots = 4;

    private const int CloseOnExec = 0x80000; // O_CLOEXEC, SOCK_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK, SOCK_NONBLOCK
    private const int UnixFamily = 1; // AF_UNIX
    private const int Stream = 1; // SOCK_STREAM
    private const int Sending = 1; // SHUT_WR

    private readonly int _first;
    private readonly SafeFileHandle[] _handles = new SafeFileHandle[Slots];
    private readonly bool[] _isOpen = new bool[Slots];
    private readonly byte[] _bytes = new byte[4096];
    private int _writer = -1;
    private int _reader = -1;
    private int _socket = -1;

    /// <summary>A pipe's reading end, a socket, the writing end of another pipe, and a place for copies.</summary>
    /// <param name="first">The number of the first; the others follow.</param>
    internal EpollFiles(int first)
    {
        _first = first;
        for (int slot = 0; slot < Slots; slot++)
            _handles[slot] = new SafeFileHandle(first + slot, ownsHandle: false);
        int[] pair = new int[2];
        Check(pipe2(pair, CloseOnExec | NonBlocking));
        Place(0, pair[0]);
        _writer = pair[1];
        Check(socketpair(UnixFamily, Stream | CloseOnExec | NonBlocking, 0, pair));
        Place(1, pair[0]);
        _socket = pair[1];
        Check(pipe2(pair, CloseOnExec | NonBlocking));
        _reader = pair[0];
        Place(2, pair[1]);
    }

    /// <summary>The handle of a slot, open or not.</summary>
    internal SafeHandle this[int slot] => _handles[slot];

    /// <summary>Writes from the other side, so that a slot's file may be read.</summary>
    internal void Write(int slot, int count)
    {
        if (slot == 2)
            _ = write(_first + slot, _bytes, Math.Min(count * 1024, _bytes.Length));
        else
            _ = write(slot == 0 ? _writer : _socket, _bytes, count);
    }

    /// <summary>Reads from a slot's file, or at the other side, so that it may be written.</summary>
    internal void Read(int slot, int count)
    {
        if (slot == 2)
            _ = read(_reader, _bytes, Math.Min(count * 1024, _bytes.Length));
        else
            _ = read(_first + slot, _bytes, count);
    }

    /// <summary>The other side shuts its sending direction.</summary>
    internal void ShutDown() => _ = shutdown(_socket, Sending);

    /// <summary>The other side closes.</summary>
    internal void ClosePeer(int slot) => Close(ref slot == 0 ? ref _writer : ref slot == 1 ? ref _socket : ref _reader);

    /// <summary>Copies a slot's descriptor to another slot, whose own is closed.</summary>
    internal void Copy(int from, int to)
    {
        if (_isOpen[from] && from != to)
            Check(dup3(_first + from, _first + to, CloseOnExec));
        _isOpen[to] |= _isOpen[from];
    }

    /// <summary>Closes a slot's descriptor.</summary>
    internal void Close(int slot)
    {
        if (_isOpen[slot])
            _ = close(_first + slot);
        _isOpen[slot] = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            Close(slot);
            _handles[slot].Dispose();
        }

        Close(ref _writer);
        Close(ref _reader);
        Close(ref _socket);
    }

    private static int Check(int result) => result >= 0
        ? result
        : throw new InvalidOperationException("A call that makes descriptors failed: " + Marshal.GetLastPInvokeErrorMessage());

    private static void Close(ref int number)
    {
        if (number >= 0)
            _ = close(number);
        number = -1;
    }

    private void Place(int slot, int number)
    {
        Check(dup3(number, _first + slot, CloseOnExec));
        _ = close(number);
        _isOpen[slot] = true;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int pipe2(int[] numbers, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int socketpair(int family, int type, int protocol, int[] numbers);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup3(int from, int to, int flags);

    [DllImport("libc")]
    private static extern nint write(int number, byte[] bytes, nint count);

    [DllImport("libc")]
    private static extern nint read(int number, byte[] bytes, nint count);

    [DllImport("libc")]
    private static extern int shutdown(int number, int how);

    [DllImport("libc")]
    private static extern int close(int number);
}
