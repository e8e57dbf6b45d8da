// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a packet tells of. The port sets it; a posted packet is <see cref="Posted"/>, whatever its sender wishes.</summary>
public enum PacketKind : byte
{
    /// <summary>None: the packet is empty.</summary>
    None,

    /// <summary>A <see cref="Gangway.Notification"/> was signalled: <see cref="Packet.Signals"/>, <see cref="Packet.Count"/>.</summary>
    Notification,

    /// <summary>The program posted it: status and payload are the poster's.</summary>
    Posted,

    /// <summary>A descriptor is ready: <see cref="Packet.Signals"/> are <see cref="DescriptorEvents"/>.</summary>
    Descriptor,

    /// <summary>A timer came due: <see cref="Packet.Count"/> periods have passed.</summary>
    Timer,

    /// <summary>A process has ended.</summary>
    Process,

    /// <summary>A POSIX signal arrived: its number is the status.</summary>
    PosixSignal,

    /// <summary>Another port has packets.</summary>
    Port,

    /// <summary>An endpoint's connection began, ended or has room again: <see cref="EndpointEvents"/>.</summary>
    Endpoint,

    /// <summary>The queue of an <see cref="AsyncSignalSource"/> overflowed: look at every source of it.</summary>
    PollEverything,
}
