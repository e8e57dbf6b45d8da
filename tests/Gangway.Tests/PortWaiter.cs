// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A thread that waits on a port, without a deadline, until it is disposed of.</summary>
internal sealed class PortWaiter : IDisposable
{
    private const ulong EndKey = ulong.MaxValue;

    private readonly Thread _thread;
    private readonly Notification _end = new();

    internal PortWaiter(EventPort port)
    {
        port.Bind(_end, EndKey);
        _thread = new Thread(() =>
        {
            var packet = new Packet[1];
            while (port.Wait(packet) == 0 || packet[0].Key != EndKey)
            {
            }
        })
        { IsBackground = true, Name = "waiter" };
        _thread.Start();
    }

    internal int ThreadId => _thread.ManagedThreadId;

    public void Dispose()
    {
        _end.Signal();
        Watchdog.Join(_thread);
    }
}
