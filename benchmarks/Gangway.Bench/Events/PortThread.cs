// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Events;

/// <summary>A thread that waits for a port's packets, until the port is disposed.</summary>
internal sealed class PortThread : IDisposable
{
    private readonly Thread _thread;

    /// <summary>Starts it.</summary>
    public PortThread(Action<Packet> handle)
    {
        _thread = new Thread(() => Run(handle)) { IsBackground = true, Name = "port" };
        _thread.Start();
    }

    /// <summary>The port.</summary>
    public EventPort Port { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Port.Dispose();
        _thread.Join();
    }

    private void Run(Action<Packet> handle)
    {
        var packets = new Packet[64];
        try
        {
            while (true)
            {
                int count = Port.Wait(packets);
                for (int i = 0; i < count; i++)
                {
                    handle(packets[i]);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The end of it.
        }
    }
}
