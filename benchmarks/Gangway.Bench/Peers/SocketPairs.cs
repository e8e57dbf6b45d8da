// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Peers;

/// <summary>Connected Unix stream sockets of this process.</summary>
internal sealed class SocketPairs : IDisposable
{
    private static readonly byte[] s_byte = [1];

    private readonly Socket[] _senders;

    /// <summary>Makes so many.</summary>
    public SocketPairs(int count)
    {
        _senders = new Socket[count];
        Receivers = new Socket[count];
        using var scratch = new ScratchDirectory();
        var address = new UnixDomainSocketEndPoint(Path.Combine(scratch.Path, "s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        for (int i = 0; i < count; i++)
        {
            _senders[i] = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _senders[i].Connect(address);
            Receivers[i] = listener.Accept();
        }
    }

    /// <summary>The receiving ends.</summary>
    public Socket[] Receivers { get; }

    /// <summary>Sends one byte to one of them.</summary>
    public void Send(int index) => _senders[index].Send(s_byte);

    /// <summary>Ends the stream that each receives.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _senders.Length; i++)
        {
            _senders[i].Dispose();
        }

        for (int i = 0; i < Receivers.Length; i++)
        {
            Receivers[i].Dispose();
        }
    }
}
