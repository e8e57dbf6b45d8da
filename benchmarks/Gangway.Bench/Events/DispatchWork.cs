// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>Signals a bound notification, waits for its packet, and calls the handler that belongs to its key: 64 of them in turn.</summary>
internal sealed class DispatchWork : Work
{
    private readonly BoundNotifications _bound;
    private readonly Action[] _handlers;
    private readonly Packet[] _packets = new Packet[1];
    private long _handled;

    /// <summary>Uses 64 of so many.</summary>
    public DispatchWork(int bound)
    {
        _bound = new BoundNotifications(bound);
        _handlers = new Action[bound];
        Array.Fill(_handlers, () => _handled++);
    }

    /// <inheritdoc/>
    protected override int EventsPerCycle => BoundNotifications.Active;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 16;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _bound.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        long before = _handled;
        Packet[] packets = _packets;
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            foreach (int key in _bound.Keys)
            {
                _bound[key].Signal(1);
                if (_bound.Port.Wait(packets) != 1 || packets[0].Key != (ulong)key)
                {
                    throw new BenchmarkException($"A packet of {key} was expected, and one of {packets[0].Key} came.");
                }

                _handlers[packets[0].Key]();
            }
        }

        if (_handled != before + ((long)cycles * EventsPerCycle))
        {
            throw new BenchmarkException("A packet was lost.");
        }
    }
}
