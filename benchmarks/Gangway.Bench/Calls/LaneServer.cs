// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Signals back what was signalled: one thread that waits on one port, which serves the connection too.</summary>
internal sealed class LaneServer : Server
{
    /// <summary>How many of the lanes are used, and lead back.</summary>
    public const int Active = 64;

    /// <summary>The most lanes that there are.</summary>
    public const int LanesMax = 262_144;

    /// <summary>A call that grants as many lanes as its request says: spread evenly among them are the active ones.</summary>
    public const uint Grant = 1;

    private readonly EventPort _port = new();
    private readonly NotificationSender[] _back = new NotificationSender[Active];
    private readonly Listener _listener;
    private int _stride = 1;

    /// <summary>
    /// The distance of two active lanes. A prime: with a power of two, or nearly one, their words and all that belongs to them
    /// would share a few sets of the processor's caches, and the figure would say how many ways those have.
    /// </summary>
    public static int StrideOf(int lanes) => lanes == Active ? 1 : 4_001;

    public LaneServer(string directory)
    {
        Address = $"shm:{Path.Combine(directory, "lanes")}";
        _listener = Domain.Listen(Address, new Handler(this), new ListenerOptions
        {
            MaxLanes = LanesMax,
            Reactor = new ReactorOptions { Port = _port },
        });
        StartThread(Serve);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _listener.Dispose();
        _port.Dispose();
    }

    private void Serve()
    {
        var packets = new Packet[16];
        try
        {
            while (true)
            {
                int count = _port.Wait(packets);
                for (int i = 0; i < count; i++)
                {
                    if ((packets[i].Signals & NotificationSender.SenderGone) == 0)
                    {
                        _back[(int)packets[i].Key / _stride].Signal();
                    }
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }

    private sealed class Handler(LaneServer server) : EndpointHandler
    {
        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            int lanes = BinaryPrimitives.ReadInt32LittleEndian(transaction.Request);
            server._stride = StrideOf(lanes);
            for (int i = 0; i < lanes; i++)
            {
                var notification = new Notification();
                server._port.Bind(notification, (ulong)i, new BindingOptions { Mode = TriggerMode.Edge });
                endpoint.Grant(notification);
            }

            for (int i = 0; i < Active; i++)
            {
                server._back[i] = endpoint.SenderOf(i * server._stride);
            }

            transaction.Complete([]);
        }
    }
}
