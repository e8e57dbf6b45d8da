// SPDX-License-Identifier: MIT

using System.Runtime;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Events;

/// <summary>Unbinds and binds again the same 64 of many notifications. An event is one bind and one unbind.</summary>
/// <remarks>A binding is an object, so it allocates; in a round nothing is collected.</remarks>
internal sealed class BindWork(int bound) : Work
{
    private const long AllocatedMaxBytes = 64L << 20;

    // What a round may do: no more than fits, at 512 bytes for each.
    private const long EventsMax = AllocatedMaxBytes / 512;

    private readonly BoundNotifications _bound = new(bound);

    /// <inheritdoc/>
    protected override int EventsPerCycle => BoundNotifications.Active;

    /// <inheritdoc/>
    protected override int CyclesPerLook => 4;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _bound.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Do(int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            foreach (int key in _bound.Keys)
            {
                _bound.Bindings[key].Dispose();
            }

            foreach (int key in _bound.Keys)
            {
                _bound.Bindings[key] = _bound.Port.Bind(_bound[key], (ulong)key, BoundNotifications.Edge);
            }
        }
    }

    /// <inheritdoc/>
    protected override void BeginRound() => GC.TryStartNoGCRegion(AllocatedMaxBytes);

    /// <inheritdoc/>
    protected override void EndRound()
    {
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }
    }

    /// <inheritdoc/>
    protected override bool IsAtLimit(long cycles) => cycles * EventsPerCycle >= EventsMax - (2 * CyclesPerLook * EventsPerCycle);
}
