// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where an endpoint is in its life.</summary>
public enum EndpointState
{
    /// <summary>Made, and not connected yet. A failed attempt comes back here.</summary>
    Created,

    /// <summary>An attempt is under way.</summary>
    Connecting,

    /// <summary>Calls and messages go.</summary>
    Connected,

    /// <summary>The connection ended, and what was outstanding is being completed.</summary>
    Disconnecting,

    /// <summary>Nothing is outstanding, and nothing more will come.</summary>
    Destroyed,
}
