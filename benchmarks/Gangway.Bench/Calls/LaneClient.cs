// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Signals one lane, and waits on a port for the packet of the lane that leads back; one active lane after the other.</summary>
internal sealed class LaneClient : CallingClient
{
    private readonly EventPort _port = new();
    private readonly Endpoint _endpoint;
    private readonly NotificationSender[] _there = new NotificationSender[LaneServer.Active];
    private readonly Packet[] _packets = new Packet[4];
    private readonly int _stride;
    private int _next;

    public LaneClient(string address, int lanes)
    {
        _endpoint = Domain.Connect(
            address, null, new EndpointOptions { LanesToSend = lanes, LanesToReceive = lanes, Port = _port });
        _stride = LaneServer.StrideOf(lanes);
        for (int i = 0; i < lanes; i++)
        {
            var notification = new Notification();
            _port.Bind(notification, (ulong)i, new BindingOptions { Mode = TriggerMode.Edge });
            _endpoint.Grant(notification);
        }

        byte[] request = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(request, lanes);
        Check(_endpoint.Call(LaneServer.Grant, request, []).IsOk);
        for (int i = 0; i < LaneServer.Active; i++)
        {
            _there[i] = _endpoint.SenderOf(i * _stride);
        }
    }

    /// <inheritdoc/>
    public override void Call()
    {
        int next = _next = (_next + 1) % LaneServer.Active;
        _there[next].Signal();
        Check(_port.Wait(_packets) == 1 && _packets[0].Key == (ulong)(next * _stride));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _endpoint.Dispose();
        _port.Dispose();
    }
}
