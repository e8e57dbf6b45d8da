// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>A client between accept and connected, and everything that goes if it does not get there.</summary>
internal sealed class PendingHandshake(UnixSocket socket, PidFd process, ConnectionCharge charge, Deadline deadline)
    : IDisposable
{
    /// <summary>The accepted socket.</summary>
    internal UnixSocket Socket { get; } = socket;

    /// <summary>The client's process.</summary>
    internal PidFd Process { get; } = process;

    /// <summary>What it costs its user.</summary>
    internal ConnectionCharge Charge { get; } = charge;

    /// <summary>Who the client is, as the kernel says.</summary>
    internal PeerIdentity Identity => Charge.Identity;

    /// <summary>When its first packet could be read, as the monotonic clock says.</summary>
    internal long BeganAt { get; } = Gangway.Deadline.Now;

    /// <summary>When it is refused.</summary>
    internal Deadline Deadline { get; set; } = deadline;

    /// <summary>What must come next.</summary>
    internal PacketType Awaited { get; set; } = PacketType.Hello;

    /// <summary>Which connection it is to be; nothing before its <c>Hello</c>.</summary>
    internal ConnectionId Id { get; set; }

    /// <summary>The pair of that, while it is this handshake's.</summary>
    internal KnownPair? Pair { get; set; }

    /// <summary>What the segments must look like.</summary>
    internal SegmentShape Shape { get; set; }

    /// <summary>Whether it waits for the end of its pair's last connection: nothing is to come from the client.</summary>
    internal bool IsWaiting => !WaitsUntil.IsNever;

    /// <summary>Until when it waits so.</summary>
    internal Deadline WaitsUntil { get; set; } = Deadline.Never;

    /// <summary>Its place in the acceptor's table.</summary>
    internal ReactorToken Token { get; set; }

    /// <summary>The segments, between <c>Welcome</c> and <c>Ready</c>.</summary>
    internal SegmentMaker? Maker { get; set; }

    /// <summary>The segments, from <c>Ready</c> on.</summary>
    internal SegmentPair? Segments { get; set; }

    /// <summary>Whether the client may have the memory: it was sent, and it did not say that it unmapped it.</summary>
    internal bool MayMap { get; set; }

    /// <summary>Whether its process was revoked meanwhile. Under the acceptor's lock.</summary>
    internal bool IsRevoked { get; set; }

    /// <summary>Whether socket, process and segments belong to a link now.</summary>
    internal bool IsTaken { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Maker?.Dispose();
        if (IsTaken)
            return;
        Segments?.Dispose();
        Process.Dispose();
        Socket.Dispose();
    }
}
