// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Floors;

/// <summary>Descriptor events by <c>poll</c> over all of them. No floor, but it needs what only floors may use.</summary>
internal sealed class PollFloor(EventFds descriptors) : DescriptorWork(descriptors, active: 1)
{
    private readonly KernelPoll _poll = new(descriptors.Numbers);

    /// <inheritdoc/>
    protected override int CyclesPerLook => 4;

    /// <inheritdoc/>
    protected override void WaitAndRead() => EventFds.Read(Descriptors.Numbers[_poll.Wait()]);
}
