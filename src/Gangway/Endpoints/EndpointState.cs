// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>
/// Where an endpoint is in its life: created → [ appeared → [ connecting → connected → disconnecting ]* → disappeared ]* →
/// destroyed. Source: the inter-domain communication sketch for Xen.
/// </summary>
public enum EndpointState
{
    /// <summary>Made; nobody was found at its address yet. Attempts may be under way.</summary>
    Created,

    /// <summary>Somebody serves its address. A failed attempt to connect comes back here.</summary>
    Appeared,

    /// <summary>An attempt to connect to who has appeared is under way.</summary>
    Connecting,

    /// <summary>Calls and messages go.</summary>
    Connected,

    /// <summary>The connection ended; what was outstanding has a status, and <see cref="EndpointHandler.OnDisconnectAsync"/> runs.</summary>
    Disconnecting,

    /// <summary>Nobody serves its address any more, or it is about to be destroyed.</summary>
    Disappeared,

    /// <summary>Nothing is outstanding, and nothing more will come.</summary>
    Destroyed,
}
