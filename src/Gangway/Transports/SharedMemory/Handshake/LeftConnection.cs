// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>A connection that this side has ended, until its client says that it has unmapped the memory, or hangs up.</summary>
internal sealed class LeftConnection(UnixSocket socket, ConnectionCharge charge)
{
    /// <summary>Its socket; our direction is shut.</summary>
    internal UnixSocket Socket { get; } = socket;

    /// <summary>Who pays for what is left of it.</summary>
    internal ConnectionCharge Charge { get; } = charge;

    /// <summary>How many packets came since.</summary>
    internal int Packets { get; set; }

    /// <summary>Its place in the acceptor's table.</summary>
    internal ReactorToken Token { get; set; }
}
