// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How requests get to the replier where the ring is not what is explored.</summary>
internal sealed class RequestQueueModel
{
    private readonly Queue<(int Slot, ulong Generation)> _requests = new();

    internal void Reset() => _requests.Clear();

    internal void Post(int slot, ulong generation)
    {
        Worker self = Explorer.Self();
        self.Scheduler.EnterKernel(self, $"request {generation} in slot {slot}");
        _requests.Enqueue((slot, generation));
    }

    internal (int Slot, ulong Generation) Take()
    {
        while (_requests.Count == 0)
            Explorer.Park(() => _requests.Count != 0, "take a request");
        return _requests.Dequeue();
    }
}
