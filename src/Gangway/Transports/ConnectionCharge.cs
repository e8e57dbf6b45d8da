// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>One connection's entry in the <see cref="AccountBook"/>, from before anything is made for it.</summary>
/// <remarks><b>Threads:</b> its state changes under the lock of the book.</remarks>
internal sealed class ConnectionCharge(UserAccount account, PeerIdentity identity)
{
    /// <summary>Who pays.</summary>
    internal UserAccount Account { get; } = account;

    /// <summary>Whose connection it is.</summary>
    internal PeerIdentity Identity { get; } = identity;

    /// <summary>Since when, as the monotonic clock says.</summary>
    internal long BeganAt { get; } = Deadline.Now;

    /// <summary>Bytes of shared memory: a segment for each direction, and their lanes.</summary>
    internal long Bytes { get; set; } = ConnectionCost.Bytes;

    /// <summary>Whether the handshake is over.</summary>
    internal bool IsConnected { get; set; }

    /// <summary>Whether it was given back.</summary>
    internal bool IsClosed { get; set; }
}
