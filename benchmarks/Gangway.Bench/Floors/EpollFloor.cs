// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Floors;

/// <summary>Descriptor events by <c>epoll_wait</c> and nothing around it, edge-triggered.</summary>
internal sealed class EpollFloor(EventFds descriptors, int active) : DescriptorWork(descriptors, active)
{
    private KernelEpoll _epoll = null!;

    /// <inheritdoc/>
    protected override void BeginRound()
    {
        _epoll = new KernelEpoll();
        for (int i = 0; i < Descriptors.Numbers.Length; i++)
        {
            _epoll.Add(Descriptors.Numbers[i], (ulong)i);
        }
    }

    /// <inheritdoc/>
    protected override void EndRound() => _epoll.Dispose();

    /// <inheritdoc/>
    protected override void WaitAndRead()
    {
        for (int left = EventsPerCycle; left > 0;)
        {
            int count = _epoll.Wait();
            for (int i = 0; i < count; i++)
            {
                EventFds.Read(Descriptors.Numbers[_epoll.Data(i)]);
            }

            left -= count;
        }
    }
}
