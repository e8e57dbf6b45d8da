// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A model of the socket that wakes a reactor: bytes in a bounded buffer, and the other side's hang-up.</summary>
internal sealed class FakeSocket(string name, int peer, int capacity = 1)
{
    private int _bytes;

    /// <summary>How many bytes were sent, over the buffer's bound or not.</summary>
    internal int Sent { get; private set; }

    internal void Reset() => _bytes = Sent = 0;

    /// <summary>Sends a byte, without waiting. When the buffer is full one is waiting already.</summary>
    internal void Send()
    {
        Worker self = Explorer.Self();
        self.Scheduler.EnterKernel(self, $"{name}: send");
        Sent++;
        _bytes = Math.Min(_bytes + 1, capacity);
    }

    /// <summary>Waits, as in epoll, until there are bytes, and takes them; or until the peer is dead.</summary>
    /// <returns>False when the peer is dead and no byte is left.</returns>
    internal bool Wait()
    {
        Worker self = Explorer.Self();
        self.Scheduler.EnterKernel(self, $"{name}: wait");
        if (!IsReady(self))
            self.Scheduler.Block(self, () => IsReady(self), mayTimeOut: false);
        bool hasBytes = _bytes != 0;
        _bytes = 0;
        return hasBytes || !self.Scheduler.IsDead(peer);
    }

    private bool IsReady(Worker self) => _bytes != 0 || self.Scheduler.IsDead(peer);
}
