// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>A port with the lanes of all connections: the key of a lane says whose it is, whatever its sender does.</summary>
internal sealed class LaneRoom
{
    private const uint PermittedBits = (1u << LaneCounts.Permitted) - 1;

    private static readonly EventPort s_port = new();
    private readonly List<LaneCounts> _connections = [];
    private long _signals;
    private long _notPermitted;
    private long _gone;
    private long _granted;

    internal LaneRoom() => new Thread(Run) { IsBackground = true, Name = "lanes" }.Start();

    /// <summary>Packets with signals, packets with bits that are not permitted, ends of senders, and lanes that were granted.</summary>
    internal long[] Counts =>
        [Volatile.Read(ref _signals), Volatile.Read(ref _notPermitted), Volatile.Read(ref _gone), Volatile.Read(ref _granted)];

    /// <summary>Begins to count for a connection.</summary>
    internal LaneCounts Open()
    {
        var counts = new LaneCounts();
        lock (_connections)
            _connections.Add(counts);
        return counts;
    }

    /// <summary>Grants a lane of a connection.</summary>
    internal int Grant(Endpoint endpoint, LaneCounts counts)
    {
        var notification = new Notification();
        int index;
        lock (_connections)
            index = _connections.IndexOf(counts);
        s_port.Bind(notification, (ulong)index, new BindingOptions { Mode = TriggerMode.Edge });
        Interlocked.Increment(ref _granted);
        return endpoint.Grant(notification, PermittedBits);
    }

    private void Run()
    {
        var packets = new Packet[16];
        while (true)
        {
            foreach (Packet packet in packets.AsSpan(0, s_port.Wait(packets)))
            {
                LaneCounts counts;
                lock (_connections)
                    counts = _connections[(int)packet.Key];
                if ((packet.Signals & ~(PermittedBits | NotificationSender.SenderGone)) != 0)
                    Interlocked.Increment(ref _notPermitted);
                if ((packet.Signals & NotificationSender.SenderGone) != 0)
                    Interlocked.Increment(ref _gone);
                if ((packet.Signals & PermittedBits) != 0)
                    Interlocked.Increment(ref _signals);
                counts.Count(packet.Signals);
            }
        }
    }
}
