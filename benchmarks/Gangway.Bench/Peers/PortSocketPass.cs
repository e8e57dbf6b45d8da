// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Bench.Events;

namespace Gangway.Bench.Peers;

/// <summary>The same sockets bound to a port, in edge mode, and a thread that waits there and receives.</summary>
internal sealed class PortSocketPass : PassWork
{
    private readonly SocketPairs _pairs;
    private readonly byte[] _buffer = new byte[64];
    private readonly PortThread _receiver;

    /// <summary>Binds so many.</summary>
    public PortSocketPass(int sources)
        : base(sources)
    {
        _pairs = new SocketPairs(sources);
        _receiver = new PortThread(Receive);
        for (int i = 0; i < sources; i++)
        {
            _pairs.Receivers[i].Blocking = false;
            _receiver.Port.Bind(_pairs.Receivers[i], DescriptorEvents.Readable, (ulong)i, BoundNotifications.Edge);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _receiver.Dispose();
        _pairs.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Signal(int source) => _pairs.Send(source);

    private void Receive(Packet packet)
    {
        if (_pairs.Receivers[packet.Key].Receive(_buffer) == 1)
        {
            OnHandled();
        }
    }
}
