// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What an endpoint tells a port that it is bound to: <see cref="Packet.Signals"/>.</summary>
[Flags]
public enum EndpointEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is connected.</summary>
    Connected = 1,

    /// <summary>The connection has ended; <see cref="Packet.Status"/> is the <see cref="DisconnectReason"/>.</summary>
    Disconnected = 2,

    /// <summary>What was refused with <see cref="Status.Overloaded"/> may be sent now: <see cref="EndpointHandler.OnSendPossible"/>.</summary>
    SendPossible = 4,
}
