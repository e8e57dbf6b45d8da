// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>Signals a bound notification whose packet waits in the port already.</summary>
internal sealed class QueuedSignalWork : Work
{
    private readonly EventPort _port = new();
    private readonly Notification _notification = new();

    /// <summary>Queues it.</summary>
    public QueuedSignalWork()
    {
        _port.Bind(_notification, 1, BoundNotifications.Edge);
        _notification.Signal(1);
    }

    /// <inheritdoc/>
    protected override int EventsPerCycle => 1;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 4096;

    /// <summary>What so many signals allocate, in all threads, in bytes.</summary>
    public long Allocated(int signals)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Do(signals);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>Takes the packet; an error if it is not one, or not of all signals.</summary>
    public void Check()
    {
        if (!_port.TryWait(out Packet packet) || packet.Signals != 3 || _port.TryWait(out _))
        {
            throw new BenchmarkException("Many signals are one packet.");
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _port.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        Notification notification = _notification;
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            notification.Signal(2);
        }
    }
}
