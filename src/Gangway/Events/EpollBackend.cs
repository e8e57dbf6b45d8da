// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>A port's sleep in epoll: one descriptor for it, one to wake it, and whatever descriptors are bound.</summary>
internal sealed class EpollBackend : PortBackend
{
    internal const int EventsPerLook = 64;

    /// <summary>What the kernel reports when there is nothing to signal, only to look: the bell, and ports inside of this one.</summary>
    internal const ulong WakeData = 0;

    /// <summary>What the kernel reports when a connection of the port's loop rings.</summary>
    internal const ulong LoopData = 1;

    private const int NumberBits = 24;
    private const ulong NumberMask = (1ul << NumberBits) - 1;

    private readonly Epoll _epoll;
    private readonly EventFd _wakeUp;
    private readonly EpollEvent[] _events = new EpollEvent[EventsPerLook];

    internal EpollBackend()
    {
        Require(Epoll.Create(out Epoll? epoll));
        _epoll = epoll!;
        Errno errno = EventFd.Create(out EventFd? wakeUp);
        if (errno == Errno.None)
            errno = _epoll.Add(wakeUp!, EpollEvents.In, WakeData);
        if (errno != Errno.None)
        {
            wakeUp?.Dispose();
            _epoll.Dispose();
            Require(errno);
        }

        _wakeUp = wakeUp!;
    }

    internal Epoll Epoll => _epoll;

    /// <summary>What the kernel reports for a node.</summary>
    internal static ulong DataOf(DescriptorNode node) => node.Serial << NumberBits | (uint)node.Number;

    /// <inheritdoc/>
    internal override bool Wait(EventPort port, long timeoutNs)
    {
        Require(_epoll.Wait(_events, timeoutNs, out int count));
        for (int i = 0; i < count; i++)
        {
            if (_events[i].Data == WakeData)
            {
                _wakeUp.Drain();
                port.NoteInside();
            }
            else if (_events[i].Data == LoopData)
                port.NoteLoopRung();
            else if (port.FindDescriptor((int)(_events[i].Data & NumberMask)) is { } node && DataOf(node) == _events[i].Data)
                node.OnReport(_events[i].Events);
        }

        return count < EventsPerLook;
    }

    /// <inheritdoc/>
    internal override void Wake()
    {
        try
        {
            _wakeUp.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The port was disposed, and whoever slept has been told.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _epoll.Dispose();
        _wakeUp.Dispose();
        base.Dispose();
    }

    private static void Require(Errno errno)
    {
        if (errno != Errno.None)
        {
            throw new GangwayException(ConnectError.System, "",
                $"An event port cannot be made: {errno.Describe()}. This process may be at its limit of descriptors (RLIMIT_NOFILE).");
        }
    }
}
