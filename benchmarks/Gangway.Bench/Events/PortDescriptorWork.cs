// SPDX-License-Identifier: MIT

using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Events;

/// <summary>Descriptor events through an event port.</summary>
internal sealed class PortDescriptorWork(EventFds descriptors, int active, TriggerMode mode) : DescriptorWork(descriptors, active)
{
    private readonly Packet[] _packets = new Packet[64];
    private EventPort _port = null!;

    /// <inheritdoc/>
    protected override void BeginRound()
    {
        _port = new EventPort();
        for (int i = 0; i < Descriptors.Numbers.Length; i++)
        {
            _port.Bind(Descriptors[i], DescriptorEvents.Readable, (ulong)i, new BindingOptions { Mode = mode });
        }

        // So that none comes in the round.
        GC.Collect(0);
    }

    /// <inheritdoc/>
    protected override void EndRound() => _port.Dispose();

    /// <inheritdoc/>
    protected override void WaitAndRead()
    {
        for (int left = EventsPerCycle; left > 0;)
        {
            int count = _port.Wait(_packets);
            for (int i = 0; i < count; i++)
            {
                EventFds.Read(Descriptors.Numbers[_packets[i].Key]);
                if (mode == TriggerMode.OneShot)
                {
                    _packets[i].Binding.Rearm();
                }
            }

            left -= count;
        }
    }
}
